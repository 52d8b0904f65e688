import type { SectionWords } from './words';

const words: SectionWords = {
  connections: {
    proves: 'Un cinquième des connexions de la base est libre.',
    how: 'pg_stat_activity face à max_connections.',
    mend: 'Donnez-en moins aux instances : --db-pool ; ou augmentez max_connections.',
  },
  transaction_ids: {
    proves: 'PostgreSQL est loin de manquer de numéros de transaction.',
    how: 'age(datfrozenxid) de chaque base, face à 1 200 millions sur 2 147 millions.',
    mend: 'En propriétaire : vacuum freeze ; et voyez si autovacuum est actif et si aucune vieille transaction ne l’empêche de travailler.',
  },
  growth: {
    proves: 'Au rythme où elle grandit, la base a de la place pour 90 jours encore.',
    how: 'La taille de la base jour après jour sur un mois, face à ce qui est libre là où se trouve le répertoire de données.',
    mend: 'Faites de la place, ou donnez-en, tant qu’il est temps.',
  },
  disk: {
    proves: 'Un dixième du disque est libre.',
    how: 'Le système de fichiers du répertoire de données de l’instance qui audite.',
    mend: 'Faites de la place, ou donnez-en ; un disque plein arrête la base. Les vieilles sauvegardes et les vieux courriers peuvent partir les premiers.',
  },
};

export default words;
