import type { Billed, Discount, DocumentDetail, DocumentKind, DocumentLineView, Item, LineKind, LineVat, WriteDocument, WriteLine } from '@/api/schema';
import { language } from '@/i18n';
import { shortDecimal, toDecimal, typedDecimal } from '@/lib/decimal';

/** A line as it is typed; what is left empty follows from the customer and the catalogue. */
export interface EditorLine {
  key: string;
  kind: string;
  item: string;
  name: string;
  description: string;
  quantity: string;
  unit_code: string;
  unit_price: string;
  discount_pct: string;
  vat_rate: string;
  vat_reason: string;
  /** Its VAT as it was stored: sent back as long as nobody changes it. */
  vat: LineVat | null;
  revenue_role: string;
  supply_from: string;
  supply_to: string;
  /** What it bills, as whoever wrote it named it: kept. */
  bills: Billed[];
}

/** A document as it is typed. */
export interface EditorValues extends Record<string, unknown> {
  kind: string;
  party_id: string;
  subject: string;
  purchase_order: string;
  contract: string;
  supply_from: string;
  supply_to: string;
  valid_until: string;
  payment_terms_days: string;
  payment_method: string;
  language: string;
  currency: string;
  notes: string;
  internal_notes: string;
  discount_kind: string;
  discount: string;
  discount_reason: string;
  lines: EditorLine[];
}

export function freshLine(kind = ''): EditorLine {
  return { key: crypto.randomUUID(), kind, item: '', name: '', description: '', quantity: '1', unit_code: 'C62', unit_price: '', discount_pct: '', vat_rate: '', vat_reason: '', vat: null, revenue_role: '', supply_from: '', supply_to: '', bills: [] };
}

export function freshValues(kind: string, party: string): EditorValues {
  return {
    kind, party_id: party, subject: '', purchase_order: '', contract: '', supply_from: '', supply_to: '', valid_until: '', payment_terms_days: '', payment_method: 'transfer',
    language: '', currency: '', notes: '', internal_notes: '', discount_kind: 'percent', discount: '', discount_reason: '', lines: [freshLine()],
  };
}

function typed(decimal: string): string {
  return typedDecimal(decimal, language());
}

function lineOf(line: DocumentLineView): EditorLine {
  return {
    ...freshLine(line.kind),
    item: line.item,
    name: line.name,
    description: line.description,
    quantity: typed(line.quantity),
    unit_code: line.unit_code,
    unit_price: typed(line.unit_price),
    discount_pct: /^0(\.0+)?$/.test(line.discount_pct) ? '' : typed(line.discount_pct),
    vat_rate: shortDecimal(line.vat.rate),
    vat_reason: line.vat.reason ?? '',
    vat: line.vat,
    revenue_role: line.revenue_role,
    supply_from: line.supply_from ?? '',
    supply_to: line.supply_to ?? '',
    bills: line.bills ?? [],
  };
}

/** What a stored draft says, to be changed. */
export function valuesOf(document: DocumentDetail): EditorValues {
  const { discount } = document;
  const isAmount = typeof discount === 'object' && 'amount' in discount;
  const taken = typeof discount !== 'object' ? '' : 'amount' in discount ? discount.amount : discount.percent;
  return {
    ...freshValues(document.kind, document.party_id),
    subject: document.subject,
    purchase_order: document.purchase_order,
    contract: document.contract,
    supply_from: document.supply_from ?? '',
    supply_to: document.supply_to ?? '',
    valid_until: document.valid_until ?? '',
    payment_terms_days: String(document.payment_terms_days),
    payment_method: document.payment_method,
    language: document.language,
    currency: document.currency,
    notes: document.notes,
    internal_notes: document.internal_notes,
    discount_kind: isAmount ? 'amount' : 'percent',
    discount: taken === '' ? '' : typed(taken),
    discount_reason: document.discount_reason,
    lines: document.lines.length > 0 ? document.lines.map(lineOf) : [freshLine()],
  };
}

/** What the catalogue says of an item, for a line; its price and VAT follow. */
export function withItem(line: EditorLine, item: Item): EditorLine {
  return { ...line, kind: '', item: item.code, name: item.name, description: item.description, unit_code: item.unit_code, unit_price: item.sale_price ? typed(item.sale_price) : '', vat_rate: '', vat_reason: '', vat: null, revenue_role: '' };
}

/** Whether nobody has typed anything on a line yet. */
function isBlank(line: EditorLine): boolean {
  return line.item === '' && line.name.trim() === '' && line.unit_price.trim() === '' && line.description.trim() === '';
}

function writeLine(line: EditorLine): WriteLine {
  const kept = line.vat !== null && shortDecimal(line.vat.rate) === line.vat_rate && (line.vat.reason ?? '') === line.vat_reason;
  return {
    name: line.name,
    description: line.description,
    quantity: toDecimal(line.quantity) || '1',
    unit_code: line.unit_code,
    unit_price: line.unit_price.trim() === '' ? null : toDecimal(line.unit_price),
    discount_pct: toDecimal(line.discount_pct) || '0',
    ...(line.kind !== '' && { kind: line.kind as LineKind }),
    ...(line.item !== '' && { item: line.item }),
    ...(kept ? { vat: line.vat } : { vat_rate: line.vat_rate === '' ? null : line.vat_rate, vat_reason: line.vat_reason }),
    ...(line.revenue_role !== '' && { revenue_role: line.revenue_role }),
    ...(line.supply_from !== '' && { supply_from: line.supply_from }),
    ...(line.supply_to !== '' && { supply_to: line.supply_to }),
    ...(line.bills.length > 0 && { bills: line.bills }),
  };
}

function discountOf({ discount, discount_kind }: EditorValues): Discount {
  const number = toDecimal(discount);
  if (number === '' || /^0*(\.0*)?$/.test(number)) return 'none';
  return discount_kind === 'amount' ? { amount: number } : { percent: number };
}

/** A document as it is sent, and for each line that is sent its place among those typed. */
export function toWrite(values: EditorValues, entity: string | undefined, lines: readonly EditorLine[] = values.lines): { body: WriteDocument; places: number[] } {
  const sent = lines.filter((line) => !isBlank(line));
  const body = {
    kind: values.kind as DocumentKind,
    party_id: values.party_id,
    subject: values.subject,
    purchase_order: values.purchase_order,
    contract: values.contract,
    notes: values.notes,
    internal_notes: values.internal_notes,
    discount_reason: values.discount_reason,
    supply_from: values.supply_from || null,
    supply_to: values.supply_to || null,
    valid_until: values.valid_until || null,
    payment_terms_days: values.payment_terms_days.trim() === '' ? null : Number(values.payment_terms_days),
    payment_method: values.payment_method as 'transfer',
    discount: discountOf(values),
    lines: sent.map(writeLine),
    ...(values.language !== '' && { language: values.language as 'fr' }),
    ...(values.currency !== '' && { currency: values.currency }),
    ...(entity !== undefined && { entity }),
  };
  return { body, places: sent.map((line) => values.lines.findIndex(({ key }) => key === line.key)) };
}

/** What can be reckoned with while it is typed: lines that have a price already, with a name until they get one. */
export function toPreview(values: EditorValues, entity: string | undefined): { body: WriteDocument; places: number[] } {
  const priced = values.lines.filter((line) => line.unit_price.trim() !== '' || line.item !== '').map((line) => (line.name.trim() === '' ? { ...line, name: '–' } : line));
  return toWrite(values, entity, priced);
}
