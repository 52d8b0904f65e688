import mailDomains from './mail-domains';
import signals from './signals';
import webhooks from './webhooks';

/** Ce que lisent ceux qui tiennent le service en marche : Paramètres et Exploitation. */
export default { ...mailDomains, ...signals, ...webhooks };
