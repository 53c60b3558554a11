import { dragAndDrop, tearDown } from '@formkit/drag-and-drop';
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/**
 * Has the children of the returned element dragged by what is `.drag` in them. `keys` are those of its children in their
 * order; lists of the same `group` take from each other.
 */
export const useReorder = (
  keys: readonly string[],
  onOrder: (keys: readonly string[]) => void,
  group: string,
): RefObject<HTMLOListElement | null> => {
  const parent = useRef<HTMLOListElement>(null);
  const now = useRef({ keys, onOrder });
  // Before the library hears of the new children.
  useLayoutEffect(() => {
    now.current = { keys, onOrder };
  });
  useEffect(() => {
    const element = parent.current;
    if (element === null) return;
    dragAndDrop<string>({
      parent: element,
      getValues: () => [...now.current.keys],
      setValues: (order) => {
        now.current = { ...now.current, keys: order };
        now.current.onOrder(order);
      },
      config: {
        group,
        dragHandle: `.drag-${group}`,
        draggingClass: 'dragged',
        dropZoneClass: 'dragged-over',
        accepts: (target, _, from) => target.data.config.group === from.data.config.group,
      },
    });
    return () => tearDown(element);
  }, [group]);
  return parent;
};
