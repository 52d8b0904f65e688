import type { SectionWords } from './words';

const FAULT = 'C’est un défaut de cette version : revenez à la précédente, et signalez-le.';

const words: SectionWords = {
  public: {
    proves: 'Seules les routes prévues pour tous sont ouvertes à tous.',
    how: 'La garde de chaque route montée, face à la liste des routes publiques.',
    mend: FAULT,
  },
  anonymous: {
    proves: 'Qui n’est pas connecté ne passe aucune garde.',
    how: 'Une requête sans session à chaque route qui n’est pas publique, à travers tout le routeur : chacune reçoit 401, ou 404 quand elle est fermée à tous.',
    mend: FAULT,
  },
  headers: {
    proves: 'Chaque réponse porte les en-têtes qui protègent le navigateur.',
    how: 'Les réponses à une page, à une route de l’API, à une requête refusée et à une adresse inexistante : politique de contenu, transport chiffré, type imposé, cadres et référent.',
    mend: 'Si un proxy est devant, il ne doit pas les retirer ; sinon, c’est un défaut de cette version.',
  },
  failing_open: {
    proves: 'Seule une lecture peut répondre incomplètement quand quelque chose échoue.',
    how: 'La règle d’échec de chaque route montée : ce qui n’est pas un GET se ferme.',
    mend: FAULT,
  },
};

export default words;
