/** `none` is for tests: a crash of the machine may then lose everything. */
export type Durability = 'full' | 'none';

/** Read by the server in its text format; what a person sets with ALTER SYSTEM still wins. */
export function settingsFile(logFolder: string, durability: Durability): string {
  const durable = durability === 'full' ? 'on' : 'off';
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    // No socket file: its path is limited to 107 bytes, and a data folder's may be longer.
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
    wal_compression: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'on',
    log_directory: logFolder,
    // One file a weekday, overwritten a week later. Without ERROR, which the client gets anyway and which could fill the disk, and
    // without statements, which hold secrets.
    log_filename: 'postgres-%a.log',
    log_rotation_age: '1d',
    log_rotation_size: 0,
    log_truncate_on_rotation: 'on',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`);
  return `# Written at every start. To change a setting, use ALTER SYSTEM.\n${lines.join('\n')}\n`;
}
