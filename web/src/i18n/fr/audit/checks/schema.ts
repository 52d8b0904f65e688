import type { SectionWords } from './words';

const words: SectionWords = {
  drift: {
    proves: 'Le schéma est exactement celui avec lequel cette version a été faite.',
    how: 'Les migrations et leurs empreintes, et chaque table, colonne, contrainte, index, politique, déclencheur, droit et fonction.',
    mend: '`comptoir migrate` s’il manque une migration ; sinon, le schéma a été modifié à la main : défaites-le en propriétaire.',
  },
  indexes: {
    proves: 'Chaque index est entier.',
    how: 'pg_index : indisvalid et indisready.',
    mend: 'En propriétaire : reindex index concurrently …',
  },
  partitions: {
    proves: 'Ce qui se passe ce mois-ci et le mois prochain a ses partitions.',
    how: 'Les partitions des événements, de leurs liens et des passages de tâches.',
    mend: 'Lancez la planification `partitions` : comptoir job run partitions --tenant SLUG.',
  },
  bloat: {
    proves: 'Aucune table n’est pleine de lignes mortes.',
    how: 'pg_stat_user_tables : cent mille lignes mortes qui font plus d’un tiers de la table.',
    mend: 'En propriétaire : vacuum (analyze) … ; une transaction restée longtemps ouverte empêche vacuum de travailler.',
  },
  statistics: {
    proves: 'Le planificateur connaît chaque table de quelque taille.',
    how: 'pg_stat_user_tables : les tables de plus de 50 000 lignes qui n’ont jamais été analysées.',
    mend: 'En propriétaire : analyze ; et voyez si autovacuum est actif.',
  },
  sequential_scans: {
    proves: 'Aucune grande table n’est lue de bout en bout à répétition.',
    how: 'pg_stat_user_tables : les tables de plus de 100 000 lignes parcourues plus de 100 fois par heure depuis le début des statistiques.',
    mend: 'Exploitation montre les requêtes lentes : il manque un index à l’une d’elles.',
  },
  unused_indexes: {
    proves: 'Aucun grand index n’est gardé pour rien.',
    how: 'pg_stat_user_indexes : les index de plus de 100 Mo qui ne rendent rien unique et n’ont pas servi depuis 30 jours.',
    mend: 'Une version suivante peut le retirer ; d’ici là il coûte des écritures et de la place, et ne nuit pas.',
  },
  old_transactions: {
    proves: 'Aucune transaction n’est ouverte depuis plus d’un quart d’heure.',
    how: 'pg_stat_activity : xact_start de chaque session de cette base.',
    mend: 'Voyez à qui elle est par son nom d’application, et terminez-la : select pg_terminate_backend(pid).',
  },
};

export default words;
