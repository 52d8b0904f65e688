import alerts from './alerts';
import audit from './audit';
import check from './checks';
import condition from './conditions';

/** Les pages de l’audit et des alertes, et ce que le service dit en anglais des contrôles et des types d’alertes. */
export default { ...audit, ...alerts, check, condition };
