import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** What is drawn as the header of a dialog is no banner of the page. */
const NO_BANNER = { header: { role: 'none' } };

let before: Element | null = null;

/** Gives the keyboard back to what opened this, once this is gone; of one dialog that follows another, to what opened the first. */
export function useGiveBack(): void {
  const [opener] = useState(() => (document.activeElement === document.body ? before : document.activeElement));
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
      before = opener;
      requestAnimationFrame(() => {
        if (!shown.current && opener instanceof Element && 'focus' in opener) (opener as HTMLElement).focus({ preventScroll: true });
      });
    };
  }, [opener]);
}

/** What opens at the side, as long as it is drawn: the page behind it stays in sight. */
export function Side(props: Omit<DrawerProps, 'opened'>) {
  const { t } = useTranslation();
  useGiveBack();
  return <Drawer opened position="right" size="lg" closeButtonProps={{ 'aria-label': t('common.close') }} attributes={NO_BANNER} {...props} />;
}

/** What asks or tells in the middle of the screen, as long as it is drawn. */
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const { t } = useTranslation();
  useGiveBack();
  return <Modal opened closeButtonProps={{ 'aria-label': t('common.close') }} attributes={NO_BANNER} {...props} />;
}
