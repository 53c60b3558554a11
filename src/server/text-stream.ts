const encoder = new TextEncoder();

/**
 * What `begin` gives as a body, made as fast as it is read and no faster. The signal that it is given is `outer`, and a
 * reader who leaves.
 */
export const textStream = (outer: AbortSignal, begin: (signal: AbortSignal) => AsyncGenerator<string>): ReadableStream<Uint8Array> => {
  const left = new AbortController();
  const pieces = begin(AbortSignal.any([outer, left.signal]));
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        left.abort();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
};
