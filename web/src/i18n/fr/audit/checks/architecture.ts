import type { SectionWords } from './words';

const words: SectionWords = {
  contained: {
    proves: 'Ce qu’une réaction n’a pas pu faire n’a rien défait : ce qui l’a causée tient.',
    how: 'Chaque réaction abandonnée ou à refaire, face à l’événement qui l’a causée : il est là, donc ce qu’il raconte a bien été enregistré.',
    mend: 'L’événement d’une réaction a disparu : comparez avec une sauvegarde, et cherchez qui l’a supprimé.',
  },
  reactions: {
    proves: 'Chaque sorte de réaction dont on a eu besoin cette semaine a réussi au moins une fois.',
    how: 'Les passages de chaque réaction sur sept jours.',
    mend: 'Lisez dans Exploitation ce que dit la réaction, remédiez à la cause, et remettez en file ce qui a été abandonné.',
  },
  versions: {
    proves: 'Toutes les instances ont la même version.',
    how: 'platform.worker_heartbeat : les versions des instances vues depuis moins d’une minute, une heure après le dernier démarrage.',
    mend: 'Terminez la mise à jour : arrêtez les instances de l’ancienne version.',
  },
};

export default words;
