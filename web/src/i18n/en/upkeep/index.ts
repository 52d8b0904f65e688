import mailDomains from './mail-domains';
import signals from './signals';
import webhooks from './webhooks';

/** What those read who keep the service running: Settings and Operations. */
export default { ...mailDomains, ...signals, ...webhooks };
