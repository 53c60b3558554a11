import type { ButtonHTMLAttributes, Ref } from 'react';

import { Icon, type IconName } from './icon.tsx';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `plain` has no frame until the pointer is over it. */
  readonly look?: 'primary' | 'normal' | 'plain' | 'danger';
  readonly icon?: IconName;
}

/** A button with words. */
export const Button = ({ look = 'normal', icon, children, className = '', ...rest }: ButtonProps) => (
  <button type="button" {...rest} className={`button ${look} ${className}`}>
    {icon !== undefined && <Icon name={icon} />}
    {children}
  </button>
);

interface IconButtonProps extends Omit<ButtonProps, 'children'> {
  readonly icon: IconName;
  /** What it does; shown when the pointer rests, and read aloud. */
  readonly label: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with a drawing. */
export const IconButton = ({ icon, label, look = 'plain', className = '', ...rest }: IconButtonProps) => (
  <button type="button" aria-label={label} title={label} {...rest} className={`button icon-button ${look} ${className}`}>
    <Icon name={icon} />
  </button>
);
