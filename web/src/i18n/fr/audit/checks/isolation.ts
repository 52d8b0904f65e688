import type { SectionWords } from './words';

const POLICY = 'En propriétaire du schéma, remettez la politique telle que migrations/ la décrit (platform.protect l’écrit), et cherchez qui l’a changée : `comptoir check` dit ce qui diffère du schéma de cette version.';

const words: SectionWords = {
  row_security: {
    proves: 'La sécurité par ligne est active, et forcée, sur chaque table qui contient des lignes d’une organisation.',
    how: 'pg_class : relrowsecurity et relforcerowsecurity de chaque table, sauf la courte liste des tables sans organisation.',
    mend: POLICY,
  },
  policies: {
    proves: 'Chaque politique compare l’organisation, et l’entité s’il y en a une, en lecture comme en écriture.',
    how: 'pg_policy : les conditions de chaque politique de chaque table à organisation ; aucune n’ouvre ce qu’une autre ferme.',
    mend: POLICY,
  },
  keys: {
    proves: 'Chaque clé et chaque référence commence par l’organisation : aucune ligne ne renvoie à une autre.',
    how: 'pg_index et pg_constraint : la première colonne de chaque index unique et de chaque clé étrangère entre tables à organisation.',
    mend: 'Le schéma a été modifié à la main : remettez-le tel que migrations/ le décrit.',
  },
  service_role: {
    proves: 'Le rôle du service ne peut rien contourner, ne possède rien et ne peut rien créer.',
    how: 'pg_roles, les propriétaires des relations, et les droits du rôle sur les schémas et sur les fonctions à droits du propriétaire.',
    mend: 'En propriétaire : alter role comptoir_app nosuperuser nobypassrls nocreaterole nocreatedb ; réattribuez ce qu’il possède ; retirez create sur les schémas, et à public execute sur les fonctions à droits du propriétaire.',
  },
  nobody_sees_nothing: {
    proves: 'Une transaction qui ne dit pas pour qui elle est ne voit aucune ligne d’aucune organisation.',
    how: 'Lit chaque table à organisation sans dire laquelle.',
    mend: POLICY,
  },
  read_across: {
    proves: 'Ce qui est à d’autres organisations ne peut être lu.',
    how: 'Lit chaque table, en tant que cette organisation, à la recherche de lignes des autres.',
    mend: POLICY,
  },
  write_across: {
    proves: 'Rien ne peut être écrit chez une autre organisation, ni modifié ou supprimé là.',
    how: 'Tente d’insérer, de modifier et de supprimer dans chaque table d’une autre organisation, dans une transaction qui est annulée.',
    mend: POLICY,
  },
  entities: {
    proves: 'Qui travaille dans une entité ne lit aucune ligne des autres.',
    how: 'Lit chaque table à entité à la recherche de lignes des autres, avec chaque entité tour à tour.',
    mend: POLICY,
  },
};

export default words;
