import { startDistribution } from '#testing';
import { describeNotificationContract } from './notification-contract.js';

describeNotificationContract('distribution', (url) => startDistribution({ notifications: { url } }));
