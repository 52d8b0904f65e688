import type { SectionWords } from './words';

const words: SectionWords = {
  looked_up: {
    proves: 'On sait ce que dit le DNS de chaque domaine d’envoi.',
    how: 'L’âge de la dernière réponse : trois jours au plus.',
    mend: 'Paramètres, E-mail dit pourquoi le DNS n’a pas répondu ; un autre serveur se nomme par --dns-servers.',
  },
  spf: {
    proves: 'Chaque domaine d’envoi dit quels serveurs peuvent envoyer pour lui (SPF).',
    how: 'Un seul enregistrement v=spf1, lisible, qui demande dix recherches au plus, inclut le prestataire et finit par -all ou ~all.',
    mend: 'Publiez l’enregistrement SPF que nomme votre prestataire de courrier, et aucun autre.',
  },
  dkim: {
    proves: 'Chaque domaine d’envoi publie les clés qui signent son courrier (DKIM).',
    how: 'La clé de chaque sélecteur : présente, non révoquée, et celle qui a été nommée.',
    mend: 'Activez la signature chez votre prestataire, publiez sa clé, et nommez le sélecteur dans Paramètres, E-mail.',
  },
  dmarc: {
    proves: 'Chaque domaine d’envoi dit ce que devient le courrier qui n’est pas le sien (DMARC).',
    how: 'Un enregistrement v=DMARC1 avec p=quarantine ou p=reject, et une adresse pour les rapports.',
    mend: 'Publiez un enregistrement DMARC : commencez par p=none et rua, lisez les rapports, puis demandez quarantine.',
  },
};

export default words;
