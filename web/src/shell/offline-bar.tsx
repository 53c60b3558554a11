import { retryNow, useConnection } from '../data/live.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';

/** Says that the server is not there; says nothing otherwise. */
export const OfflineBar = () => {
  const t = useText(shellText);
  const isOffline = useConnection() === 'offline';
  return (
    <div role="status" className={isOffline ? 'offline' : 'offline hidden'}>
      {isOffline && (
        <>
          <span>{t.offline}</span>
          <Button onClick={retryNow}>{t.retry}</Button>
        </>
      )}
    </div>
  );
};
