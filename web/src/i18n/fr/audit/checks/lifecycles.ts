import type { SectionWords } from './words';

const words: SectionWords = {
  edges: {
    proves: 'Les passages que la base permet sont ceux que le code déclare.',
    how: 'platform.lifecycle_edge face aux cycles de vie de ce binaire, dans les deux sens.',
    mend: 'En propriétaire, ramenez platform.lifecycle_edge à ce qu’affiche `comptoir lifecycles` ; cherchez qui l’a modifiée.',
  },
  guards: {
    proves: 'Chaque cycle de vie est gardé par son déclencheur, et aucun de nos déclencheurs n’est éteint.',
    how: 'pg_trigger : un déclencheur actif par cycle de vie, et tgenabled de chaque déclencheur.',
    mend: 'En propriétaire : alter table … enable trigger … ; puis cherchez les lignes venues pendant qu’il était éteint.',
  },
  states: {
    proves: 'Rien n’est dans un état que son cycle de vie ne connaît pas.',
    how: 'Les états de chaque ligne de chaque table à cycle de vie, face à ceux que le code déclare.',
    mend: 'La ligne a été écrite sans passer par son déclencheur. Cherchez par qui ; puis, en propriétaire, mettez l’état que racontent ses événements.',
  },
};

export default words;
