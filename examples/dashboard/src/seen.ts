/** Whether somebody looks: a hidden page needs no stream, and each user has only a few. */

const PATIENCE = 30_000;

/** Calls `rest` when the page has been hidden for a while, and `resume` when it is seen again. */
export function whileSeen(rest: () => void, resume: () => void): void {
  let timer = 0;
  let resting = false;
  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(timer);
    if (document.hidden) {
      timer = window.setTimeout(() => {
        resting = true;
        rest();
      }, PATIENCE);
    } else if (resting) {
      resting = false;
      resume();
    }
  });
}
