import type { SectionWords } from './words';

const ENTRY = 'Une écriture a été modifiée malgré ses déclencheurs, par le propriétaire du schéma. Comparez-la avec une sauvegarde et avec sa pièce ; corrigez par une contre-passation et une nouvelle écriture, jamais sur place.';
const DOCUMENT = 'Un document émis a été modifié malgré ses déclencheurs, par le propriétaire du schéma. Comparez-le avec une sauvegarde et avec ce qu’a le client ; annulez-le par un avoir et émettez-le à nouveau.';
const NUMBERS = 'Le plus petit et le plus grand numéro, leur nombre, et le prochain numéro';

const words: SectionWords = {
  entries_balance: {
    proves: 'Chaque écriture est équilibrée dans chacune de ses devises, et a les lignes avec lesquelles elle a été passée.',
    how: 'Les lignes de chaque écriture : débit face à crédit, et leur nombre face à celui que l’écriture annonce.',
    mend: ENTRY,
  },
  entry_numbers: {
    proves: 'Les écritures d’un journal et d’un exercice sont numérotées à partir de 1, sans trou.',
    how: `${NUMBERS}, pour chaque journal et chaque exercice.`,
    mend: ENTRY,
  },
  daily_balances: {
    proves: 'Les soldes quotidiens que lisent les états sont les sommes des lignes.',
    how: 'Chaque jour de chaque compte : ce qui est gardé, face aux lignes de ce jour.',
    mend: 'Les chiffres ont été modifiés malgré leur déclencheur. En propriétaire, refaites le jour à partir de ses lignes, et cherchez pourquoi.',
  },
  lettering: {
    proves: 'Ce qui est lettré ensemble est soldé.',
    how: 'Débit face à crédit de chaque lettre qui n’est pas défaite.',
    mend: 'Défaites la lettre dans la fiche du compte et lettrez ce qui va ensemble.',
  },
  document_numbers: {
    proves: 'Les documents sont numérotés à partir de 1, sans trou, par entité, série et année.',
    how: `${NUMBERS}, pour chaque série et chaque année.`,
    mend: DOCUMENT,
  },
  documents_issued: {
    proves: 'Ce qui est émis a son numéro, sa page et son écriture, et un brouillon n’en a pas.',
    how: 'Chaque document : statut face au numéro, à la page gardée avec son empreinte, et à l’écriture ; les avoirs face à leur original.',
    mend: DOCUMENT,
  },
  document_sums: {
    proves: 'Chaque document est la somme de ses lignes et de sa TVA.',
    how: 'HT, TVA et TTC de chaque document face à ses lignes, à ses taux et à leurs remises.',
    mend: DOCUMENT,
  },
  stored_pages: {
    proves: 'Chaque page gardée est, octet pour octet, celle qui a été émise.',
    how: 'L’empreinte SHA-256 de chaque page gardée, face à celle de l’émission du document.',
    mend: 'La page a été modifiée dans la base : reprenez-la d’une sauvegarde où elle a l’empreinte que nomme le document.',
  },
  settlements: {
    proves: 'Ce qu’un document dit payé est ce qui le règle, et jamais plus que son montant.',
    how: 'Payé, avoirs et statut de chaque document, face à ses imputations en vigueur.',
    mend: 'Un solde a été modifié à côté des règlements. Recalculez-le depuis ses imputations, et cherchez qui l’a modifié.',
  },
  receivables: {
    proves: 'Ce que doivent les clients d’après leurs documents est ce qu’ils doivent d’après les livres.',
    how: 'Le solde ouvert des factures de chaque client face au compte 411, et le reste des règlements et avoirs face au 4191.',
    mend: 'Ouvrez côte à côte le relevé du client et la fiche du 411 : le premier jour où ils diffèrent désigne le document ou l’écriture.',
  },
  credit_notes: {
    proves: 'Les avoirs d’une facture, ensemble, ne reprennent pas plus que son montant.',
    how: 'La somme des avoirs émis de chaque facture face à son montant TTC (F-13).',
    mend: 'Émettez une facture de ce qui a été repris en trop.',
  },
  between_entities: {
    proves: 'Une vente entre entités est un achat du même montant dans les livres de l’autre.',
    how: 'Chaque document entre entités face à son miroir.',
    mend: DOCUMENT,
  },
  vat_declared: {
    proves: 'La TVA des livres est celle que porte la déclaration.',
    how: 'Le compte 44571 de chaque entité face aux lignes de TVA collectée de la déclaration.',
    mend: 'Ouvrez la déclaration de TVA et la fiche du 44571 : le premier mois où elles diffèrent désigne l’écriture.',
  },
  bank_lines: {
    proves: 'Ce que règlent les lignes bancaires est le montant de leurs règlements et de leurs écritures.',
    how: 'Chaque rapprochement en vigueur d’une ligne bancaire : son règlement est effectué, et tous ceux d’une ligne n’en dépassent pas le montant.',
    mend: 'Défaites le rapprochement sur la page de la banque, et refaites-le.',
  },
};

export default words;
