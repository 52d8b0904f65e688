import type { SectionWords } from './words';

const words: SectionWords = {
  event_chain: {
    proves: 'Aucun événement scellé n’a été modifié, retiré ni ajouté.',
    how: 'Chaque sceau de l’organisation, recalculé sur le texte entier de ses événements et sur le sceau d’avant.',
    mend: 'Quelqu’un a modifié le registre en propriétaire du schéma. Comparez avec une sauvegarde d’avant ; le sceau dit à partir d’où.',
  },
  password_hashes: {
    proves: 'Chaque mot de passe est gardé sous forme d’empreinte argon2id, au coût d’aujourd’hui.',
    how: 'L’algorithme et le coût de l’empreinte de chaque membre.',
    mend: 'Faites choisir à la personne un nouveau mot de passe : `comptoir user reset-password`.',
  },
  second_factor: {
    proves: 'Qui peut beaucoup se connecte avec un second facteur.',
    how: 'Les super-admins et admins actifs, arrivés depuis plus de 30 jours, sans second facteur ; rien n’est demandé à une installation plus jeune.',
    mend: 'Ils le mettent en place sous Mon compte ; un super-admin voit dans Utilisateurs qui en a un.',
  },
  machine_keys: {
    proves: 'Aucune clé d’une machine n’a plus d’un an.',
    how: 'Les clés en vigueur de platform.api_key.',
    mend: 'Faites-en une nouvelle là où elle sert (la page d’un fournisseur) et transmettez-la ; l’ancienne cesse aussitôt.',
  },
  secret_age: {
    proves: 'La clé qui scelle les secrets n’a pas plus d’un an.',
    how: 'platform.secret_key : la plus récente qui n’est pas retirée.',
    mend: 'Changez-la : `comptoir secrets rotate` (docs/secrets.md).',
  },
  form_origins: {
    proves: 'Seules des pages atteintes par HTTPS peuvent envoyer un de nos formulaires.',
    how: 'Les origines que chaque formulaire autorise, qui doivent être un seul hôte chacune.',
    mend: 'Corrigez les origines dans Formulaires : https://www.example.org, sans chemin et sans *.',
  },
  https: {
    proves: 'On n’atteint l’installation que par HTTPS.',
    how: 'L’adresse publique : https, sauf celle de cette machine même.',
    mend: 'Mettez devant un proxy avec un certificat, et dites-le : --public-url https://…',
  },
  trusted_proxies: {
    proves: 'Nul autre que nos proxys n’est cru sur l’adresse d’un client.',
    how: 'Les proxys de confiance : aucun qui couvre la moitié du monde.',
    mend: 'Nommez les adresses de vos proxys, et rien de plus : --trusted-proxies.',
  },
  database_connection: {
    proves: 'Ce qui est dit à la base ne s’entend pas en chemin.',
    how: 'La connexion même du service : socket Unix, cette machine, ou TLS.',
    mend: 'Demandez TLS dans COMPTOIR_DATABASE_URL : ?sslmode=verify-full.',
  },
  metrics_token: {
    proves: 'Le jeton qui ouvre les mesures ne se devine pas.',
    how: 'Sa longueur : 24 caractères ou plus, s’il y en a un.',
    mend: 'Choisissez un COMPTOIR_METRICS_TOKEN plus long.',
  },
};

export default words;
