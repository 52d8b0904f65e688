import { type UseFormInput, useForm } from '@mantine/form';
import { useState } from 'react';
import { forget, recall, remember } from '@/lib/storage';

/** A form whose unsaved values survive a lost session, a lost connection and a reload, until it is saved or given up. */
export function useDraft<T extends Record<string, unknown>>(name: string, input: UseFormInput<T> & { initialValues: T }) {
  const key = `comptoir.draft.${name}`;
  const [found] = useState(() => read<T>(key));
  const form = useForm<T>({
    ...input,
    initialValues: found ? { ...input.initialValues, ...found } : input.initialValues,
    onValuesChange: (values) => remember(key, JSON.stringify(values), 'session'),
  });
  const drop = () => forget(key, 'session');
  return {
    form,
    /** Whether what is shown was typed before and not saved. */
    restored: found !== undefined,
    /** To be called once the values are saved. */
    drop,
    /** Back to what is stored. */
    giveUp: () => {
      form.setValues(input.initialValues);
      form.resetDirty(input.initialValues);
      drop();
    },
  };
}

function read<T>(key: string): Partial<T> | undefined {
  const text = recall(key, 'session');
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Partial<T>;
  } catch {
    // Not ours: as if there were none.
    return undefined;
  }
}
