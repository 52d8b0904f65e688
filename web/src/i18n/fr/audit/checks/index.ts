import architecture from './architecture';
import backups from './backups';
import capacity from './capacity';
import endpoints from './endpoints';
import isolation from './isolation';
import jobs from './jobs';
import leads from './leads';
import lifecycles from './lifecycles';
import mail_domain from './mail_domain';
import money from './money';
import schema from './schema';
import security from './security';

/**
 * Ce que prouve chaque contrôle, comment il regarde, et comment remédier à ce qu’il trouve : par section, sous le nom du contrôle. En
 * anglais, ce sont les mots du service. Il en faut pour chacun : test/checks.test.ts dit lesquels manquent.
 */
export default { architecture, endpoints, isolation, lifecycles, leads, money, jobs, schema, security, mail_domain, backups, capacity };
