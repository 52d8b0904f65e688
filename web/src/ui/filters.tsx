import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { useStable } from '@/lib/stable';

const TYPING_MS = 250;

interface FilterSelectProps {
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
  width?: number;
}

/** A filter with few values; empty means all. Drawn again only when it says something else: a page has several, and they are large. */
export function FilterSelect(props: FilterSelectProps) {
  return <Choice {...props} onChange={useStable(props.onChange)} />;
}

const Choice = memo(({ label, value, options, onChange, width = 150 }: FilterSelectProps) => {
  // A hundred départements need not stand in a page before one comes near their list.
  const [near, setNear] = useState(false);
  const come = () => setNear(true);
  return (
    <Select
      aria-label={label}
      placeholder={label}
      data={options}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      onFocus={come}
      onPointerEnter={come}
      comboboxProps={{ shadow: 'md', keepMounted: near }}
      clearable
      searchable={options.length > 8}
      w={width}
    />
  );
});

/** A text to look for, taken over when one stops typing. */
export function SearchBox({ label, value, onChange, width = 230 }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void; width?: number }) {
  const [text, setText] = useState(value ?? '');
  const tell = useDebouncedCallback((typed: string) => onChange(typed.trim() || undefined), TYPING_MS);
  // The address may change under it: back, a saved view, filters cleared.
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value ?? '');
  }
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      w={width}
    />
  );
}
