import alerts from './alerts';
import audit from './audit';

/** The pages of the audit and of alerts. What the service says of checks and kinds of alerts is in English already. */
export default { ...audit, ...alerts };
