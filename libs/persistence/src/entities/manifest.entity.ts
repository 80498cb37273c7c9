import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The vault: raw manifests of sealed tags, by digest. */
@Entity({ name: 'manifest' })
// A GIN index, which TypeORM cannot describe: the migration makes it.
@Index('manifest_children', { synchronize: false })
export class ManifestEntity {
  @PrimaryColumn({ name: 'digest', type: 'text' })
  digest!: string;

  @Column({ name: 'media_type', type: 'text' })
  mediaType!: string;

  @Column({ name: 'bytes', type: 'bytea' })
  bytes!: Buffer;

  @Column({ name: 'children', type: 'text', array: true })
  children!: string[];

  @Column({ name: 'blobs', type: 'text', array: true })
  blobs!: string[];

  @Column({ name: 'kept_at', type: 'timestamptz' })
  keptAt!: Date;
}
