// Files from the browser to a visit's own folder, a few at a time, with progress and a way to stop.
// Knows addresses and sizes; whether a file is a picture, the server finds out.

const AT_ONCE = 3;

/** Send `files` to `base`; `onpart(share)` tells how much is there. Returns what was refused, in words. */
export async function bring(files, base, known, signal, onpart) {
  const refused = [];
  const waiting = files.filter((file) => {
    const zip = file.name.toLowerCase().endsWith(".zip");
    const most = (zip ? known.max_mb : known.max_file_mb) * 1e6;
    if (file.size > 0 && file.size <= most) return true;
    refused.push(file.size ? `${file.name} is ${(file.size / 1e6).toFixed(0)} MB; ${most / 1e6} MB are the most.` : `${file.name} is empty.`);
    return false;
  });
  const total = waiting.reduce((sum, file) => sum + file.size, 0) || 1;
  let sent = 0;
  const lane = async () => {
    for (let file = waiting.shift(); file && !signal.aborted; file = waiting.shift()) {
      let before = 0;
      const fault = await send(file, base, signal, (bytes) => {
        sent += bytes - before;
        before = bytes;
        onpart(sent / total);
      });
      if (fault) refused.push(fault);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return refused;
}

/** One file; what went wrong, or "". Not `fetch`: that does not tell how much of a file is sent. */
function send(file, base, signal, onbytes) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${base}/bring?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onbytes(Math.min(event.loaded, file.size)));
    request.addEventListener("load", () => resolve(request.status === 200 ? "" : request.response?.error ?? `${file.name} was refused.`));
    for (const name of ["error", "abort"]) request.addEventListener(name, () => resolve(`${file.name} could not be sent.`));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
