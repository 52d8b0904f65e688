import type { SectionWords } from './words';

const words: SectionWords = {
  age: {
    proves: 'Il y a une sauvegarde qui n’a pas plus de 26 heures.',
    how: 'La dernière sauvegarde réussie, telle qu’elle a été notée ; rien n’est demandé à une installation de cet âge.',
    mend: '`comptoir backup` en fait une maintenant et dit ce qui l’empêche ; l’horaire est COMPTOIR_BACKUP_SCHEDULE.',
  },
  proven: {
    proves: 'Une sauvegarde a été restaurée et utilisée depuis 35 jours au plus.',
    how: 'La dernière preuve réussie : une sauvegarde restaurée dans une base d’essai, comparée et utilisée.',
    mend: '`comptoir backup drill` essaie maintenant ; l’horaire est COMPTOIR_BACKUP_DRILL.',
  },
  succeed: {
    proves: 'La dernière sauvegarde et la dernière preuve de restauration ont réussi.',
    how: 'Comment chacune s’est terminée, telle qu’elle a été notée.',
    mend: 'La raison est dans le constat ; `comptoir backup` et `comptoir backup drill` essaient à nouveau.',
  },
};

export default words;
