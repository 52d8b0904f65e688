import type { SectionWords } from './words';

const PAST = 'Une ligne a été modifiée sans passer par le service. Lisez l’activité du lead, qui raconte ce qui s’est passé, corrigez en propriétaire, puis cherchez qui l’a modifiée.';

const words: SectionWords = {
  assigned: {
    proves: 'Un lead est affecté ou livré exactement tant qu’une livraison à lui le tient.',
    how: 'L’état, le client et la livraison de chaque lead face à cette livraison, et chaque livraison ouverte face à son lead.',
    mend: PAST,
  },
  sent: {
    proves: 'Rien ne compte comme livré sans un fichier, un destinataire et un envoi accepté.',
    how: 'Chaque livraison envoyée face à son fichier, à sa ligne dans le fichier et à sa dernière tentative (L-04, L-05, L-13).',
    mend: PAST,
  },
  thirty_days: {
    proves: 'Aucun client ne reçoit deux fois en 30 jours la demande d’une même personne pour un produit.',
    how: 'Chaque paire de livraisons d’un téléphone et d’un produit à un client, sans ce qui a été abandonné (L-03, L-08).',
    mend: 'Retirez la seconde comme doublon : elle n’est alors pas facturée. Cherchez comment c’est arrivé.',
  },
  quotas: {
    proves: 'Ce qu’une commande a consommé de son quota est ce qui lui a été donné.',
    how: 'Les chiffres de chaque commande et de chaque semaine face à ses livraisons (L-01, L-63).',
    mend: 'En propriétaire, mettez les chiffres de la semaine à ce que disent les livraisons.',
  },
  prepaid: {
    proves: 'Ce qui reste d’unités prépayées est ce qui a été acheté, moins ce qui a été retenu et livré.',
    how: 'Chaque solde face à ses mouvements, et chaque livraison qui retient une unité (L-09).',
    mend: 'En propriétaire, mettez le solde à ce que disent ses mouvements.',
  },
  transfers: {
    proves: 'Ce qu’une entité a vendu des leads d’une autre est dû entre elles, une seule fois.',
    how: 'Chaque livraison envoyée d’une entité à l’autre face à son transfert, et chaque transfert facturé face à sa facture (L-10, L-30, L-33).',
    mend: 'Intersociétés liste les transferts en erreur et ce qui leur manque ; la reprise fait ceux qui n’existent pas.',
  },
  waiting: {
    proves: 'Rien n’attend une décision depuis plus d’un jour.',
    how: 'Les leads à l’état nouveau, et les livraisons en cours d’envoi au-delà de leur bail.',
    mend: 'Le balayage `routing-sweep` et la reprise s’en chargent en quelques minutes : voyez si un ouvrier est actif.',
  },
};

export default words;
