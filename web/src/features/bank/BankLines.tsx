import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { type KeyboardEvent, lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BankAccountDetail, BankLineView } from '@/api/schema';
import { usePatchSearch } from '@/lib/patch-search';
import { ExportButton } from '@/ui/ExportButton';
import { SearchBox } from '@/ui/filters';
import { Panel, Toolbar } from '@/ui/layout';
import { Empty, Loaded } from '@/ui/states';
import css from './bank.module.css';
import { BankLine } from './BankLine';
import { Progress } from './Progress';
import { type BankSearch, exportBankLines, STATES, useBankLines } from './queries';
import { UndoLine } from './UndoLine';

const LineDrawer = lazy(async () => ({ default: (await import('./LineDrawer')).LineDrawer }));

/** The lines of an account: J and K move, Enter confirms the best suggestion. */
export function BankLines({ account, search }: { account: BankAccountDetail; search: BankSearch }) {
  const { t } = useTranslation();
  const patch = usePatchSearch<BankSearch>();
  const lines = useBankLines(account.id, search);
  const state = STATES.find((one) => one === search.state) ?? 'all';
  return (
    <div className={css.body}>
      <Toolbar label={t('leads.filters')}>
        <div className={css.states}><SegmentedControl aria-label={t('common.status')} value={state} data={['all' as const, ...STATES].map((value) => ({ value, label: value === 'all' ? t('bank.allLines') : t(`bank.states.${value}`) }))} onChange={(value) => patch({ state: value === 'all' ? undefined : value })} /></div>
        <SearchBox label={t('bank.search')} value={search.search} onChange={(text) => patch({ search: text })} />
        <TextInput type="date" aria-label={t('books.period.from')} value={search.from ?? ''} onChange={(event) => patch({ from: event.currentTarget.value || undefined })} w={136} />
        <TextInput type="date" aria-label={t('books.period.to')} value={search.to ?? ''} onChange={(event) => patch({ to: event.currentTarget.value || undefined })} w={136} />
      </Toolbar>
      <Panel flush title={t('bank.lines')} actions={<><ExportButton name={t('bank.lines')} open={(signal) => exportBankLines(account.id, search, signal)} /><Progress seen={account.reconciliation} /></>}>
        <Loaded query={lines} height={420}>
          {(data) => {
            const rows = data.pages.flatMap((page) => page.items);
            if (rows.length === 0) return <Empty title={t('bank.noLine')}>{t('bank.noLineAbout')}</Empty>;
            return <List rows={rows} />;
          }}
        </Loaded>
      </Panel>
      {lines.hasNextPage && <Button variant="default" loading={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>{t('bank.more')}</Button>}
    </div>
  );
}

function List({ rows }: { rows: BankLineView[] }) {
  const { t } = useTranslation();
  const [active, setActive] = useState(0);
  const [other, setOther] = useState<BankLineView>();
  const [undoing, setUndoing] = useState<BankLineView>();
  const list = useRef<HTMLUListElement>(null);
  // A line that was confirmed may leave the list: the keyboard goes on with the one in its place.
  const follows = useRef(false);
  const at = Math.min(active, rows.length - 1);
  useLayoutEffect(() => {
    if (!follows.current || list.current?.contains(document.activeElement)) return;
    list.current?.querySelectorAll<HTMLElement>('li')[at]?.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLLIElement)) return;
    const items = list.current?.querySelectorAll<HTMLElement>('li') ?? [];
    const moves: Record<string, number> = { j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const to = moves[event.key];
    if (event.key === 'Enter') {
      follows.current = true;
      items[at]?.querySelector('button')?.click();
    } else if (to !== undefined) {
      items[Math.max(0, Math.min(rows.length - 1, to))]?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <ul ref={list} className={css.lines} aria-label={t('bank.lines')} onKeyDown={onKeyDown}>
        {rows.map((line, index) => (
          <li key={line.id} className={css.line} tabIndex={index === at ? 0 : -1} onFocus={() => setActive(index)} onPointerDown={() => { follows.current = false; }}>
            <BankLine line={line} onOther={() => setOther(line)} onUndo={() => setUndoing(line)} />
          </li>
        ))}
      </ul>
      {other && <Suspense><LineDrawer line={other} onClose={() => setOther(undefined)} /></Suspense>}
      {undoing && <UndoLine line={undoing} onClose={() => setUndoing(undefined)} />}
    </>
  );
}
