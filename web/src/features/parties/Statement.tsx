import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, client } from '@/api/client';
import type { AccountStatementView, PartyView, StatementEntry } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Period } from '@/features/invoices/Period';
import { isZero } from '@/lib/decimal';
import { formatDay, formatMoney } from '@/lib/format';
import { usePatchSearch } from '@/lib/patch-search';
import { saveFile } from '@/lib/save-file';
import { Figure, Figures, Panel, Stack, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';

const route = getRouteApi('/_app/parties/$partyId');
const FORMATS = ['pdf', 'csv'] as const;
const AGES = ['not_due', 'days_0_30', 'days_31_60', 'days_61_90', 'days_91_plus', 'unallocated'] as const;

/** What was charged to a customer and what it paid over a period, and what is open now. */
export function Statement({ party }: { party: PartyView }) {
  const { t } = useTranslation();
  const { from, to } = route.useSearch();
  const patch = usePatchSearch<{ from: string; to: string }>();
  const query = { ...(from && { from }), ...(to && { to }) };
  const statement = api.useQuery('get', '/api/parties/{id}/statement', { params: { path: { id: party.id }, query } });
  return (
    <Stack>
      <Toolbar label={t('leads.filters')}>
        <Period label={t('invoices.period')} from={from ?? statement.data?.from} to={to ?? statement.data?.to} onChange={patch} />
        <span style={{ flex: 1 }} />
        {FORMATS.map((format) => <FileButton key={format} party={party.id} query={query} format={format} />)}
      </Toolbar>
      <Loaded query={statement} height={320}>{(data) => <Sheet statement={data} />}</Loaded>
    </Stack>
  );
}

function FileButton({ party, query, format }: { party: string; query: { from?: string; to?: string }; format: (typeof FORMATS)[number] }) {
  const { t } = useTranslation();
  const { onError } = useOutcome();
  const [loading, setLoading] = useState(false);
  const download = async () => {
    setLoading(true);
    try {
      const { data, response } = await client.GET('/api/parties/{id}/statement/file', { params: { path: { id: party }, query: { ...query, format } }, parseAs: 'blob' });
      if (data) saveFile(data as Blob, response.headers.get('content-disposition'), `statement.${format}`);
    } catch (error) {
      await onError(error);
    }
    setLoading(false);
  };
  return <Button variant="default" loading={loading} leftSection={<IconDownload size={14} aria-hidden />} onClick={() => void download()}>{t(`parties.statement.${format}`)}</Button>;
}

function Sheet({ statement }: { statement: AccountStatementView }) {
  const { t } = useTranslation();
  const money = (amount: string) => formatMoney(amount, statement.currency);
  const amount = (text: string) => (isZero(text) ? '' : money(text));
  const ages = AGES.filter((age) => !isZero(statement.aged[age]));
  return (
    <>
      <Figures money>
        <Figure label={t('parties.statement.opening')} value={money(statement.opening)} note={formatDay(statement.from)} />
        <Figure label={t('parties.statement.debits')} value={money(statement.debits)} />
        <Figure label={t('parties.statement.credits')} value={money(statement.credits)} />
        <Figure label={t('parties.statement.closing')} value={money(statement.closing)} note={formatDay(statement.to)} />
      </Figures>
      <Panel title={t('parties.statement.movements')} flush>
        {statement.lines.length === 0 ? <Empty title={t('parties.statement.nothing')} /> : (
          <table className="plain">
            <thead>
              <tr>
                <th>{t('payments.on')}</th><th>{t('parties.statement.what')}</th><th>{t('invoices.dueOn')}</th>
                <th className="end">{t('parties.statement.debit')}</th><th className="end">{t('parties.statement.credit')}</th><th className="end">{t('parties.statement.balance')}</th>
              </tr>
            </thead>
            <tbody>
              {statement.lines.map((line, index) => (
                // Lines have no name of their own: what stands where is what they are.
                // oxlint-disable-next-line react/no-array-index-key
                <tr key={index}>
                  <td className="num">{formatDay(line.on)}</td>
                  <td><What line={line} /></td>
                  <td className="num">{line.due_on ? formatDay(line.due_on) : ''}</td>
                  <td className="end">{amount(line.debit)}</td>
                  <td className="end">{amount(line.credit)}</td>
                  <td className="end"><strong>{money(line.balance)}</strong></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      {ages.length > 0 && (
        <Panel title={t('parties.statement.openOn', { day: formatDay(statement.as_of) })}>
          <Figures money>{ages.map((age) => <Figure key={age} label={t(`parties.age.${age}`)} value={money(statement.aged[age])} />)}</Figures>
        </Panel>
      )}
    </>
  );
}

/** What moved, which opens it. */
function What({ line }: { line: StatementEntry }) {
  const { t } = useTranslation();
  const text = `${t(`parties.statement.kind.${line.kind}`)} ${line.reference}`.trim();
  const what = line.document_id
    ? <Link to="/invoices/$documentId" params={{ documentId: line.document_id }}>{text}</Link>
    : line.payment_id ? <Link to="/payments/$paymentId" params={{ paymentId: line.payment_id }}>{text}</Link> : text;
  return <>{what}{line.text !== '' && line.text !== line.reference && <span className="muted"> · {line.text}</span>}</>;
}
