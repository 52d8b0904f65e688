import type { SectionWords } from './words';

const words: SectionWords = {
  workers: {
    proves: 'Un ouvrier est actif, et aucun n’est mort sans le dire.',
    how: 'platform.worker_heartbeat : le dernier battement de chaque instance ; celle qui s’arrête retire sa ligne.',
    mend: 'Démarrez `comptoir serve` avec des ouvriers ; lisez le journal de celui qui s’est tu. Sa ligne disparaît une semaine après.',
  },
  schedules: {
    proves: 'Aucune planification n’a manqué son dernier passage.',
    how: 'Pour chaque planification, la tâche du dernier passage que nomme son expression cron, à l’heure de l’organisation.',
    mend: 'Lancez-la : `comptoir job run NAME --tenant SLUG --at INSTANT` ; puis cherchez pourquoi personne n’a travaillé.',
  },
  dead_letters: {
    proves: 'Aucune tâche n’a été abandonnée.',
    how: 'platform.job à l’état dead.',
    mend: 'Lisez ce qu’a dit la dernière tentative, remédiez-y, et remettez la tâche en file, dans Exploitation ou avec `comptoir job requeue`.',
  },
  leases: {
    proves: 'Aucun ouvrier ne tient une tâche au-delà de son bail.',
    how: 'platform.job à l’état running, dont le bail est échu.',
    mend: 'Un ouvrier la reprend de lui-même en quelques secondes : voyez si l’un d’eux est actif.',
  },
  queue: {
    proves: 'Aucune tâche n’attend depuis un quart d’heure.',
    how: 'platform.job à l’état queued, due depuis 15 minutes.',
    mend: 'Voyez si des ouvriers sont actifs ; s’ils sont tous occupés, donnez-en plus : --workers, ou une autre instance.',
  },
  kinds: {
    proves: 'Chaque tâche qui attend est connue de cette version.',
    how: 'Les sortes de tâches en attente ou abandonnées, face à celles de ce binaire.',
    mend: 'Elles restent d’une autre version : faites tourner celle-là jusqu’à ce qu’elles soient faites, ou remettez-les en file après y être revenu.',
  },
  reactions: {
    proves: 'Tout ce qui s’est passé hier et aujourd’hui a été remis à ce qui doit y réagir.',
    how: 'Chaque événement du dernier jour qui a des réactions, face à la tâche de chacune.',
    mend: 'Une tâche a été supprimée : ce que l’événement devait causer n’a pas eu lieu. Faites-le à la main, et cherchez qui l’a supprimée.',
  },
  mail: {
    proves: 'De chaque courrier, on sait s’il est parti.',
    how: 'platform.mail à l’état unknown depuis 30 jours, ou sending depuis plus de 10 minutes.',
    mend: 'Demandez au destinataire, ou lisez le journal du serveur ; ce dont il s’agissait peut alors être renvoyé à la main.',
  },
};

export default words;
