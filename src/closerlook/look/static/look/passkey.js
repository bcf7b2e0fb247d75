/* Passkeys. A form with data-passkey is shown only where the browser knows passkeys; its button asks the browser for one
   ("create" makes one, "get" shows one), puts what it answers into the form and sends it. The options stand in
   data-options, or are fetched from data-ask at the press of the button. */
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function read(options) {
    const found = { ...options, challenge: bytes(options.challenge) };
    if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) found.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) found.allowCredentials = known(options.allowCredentials);
    return found;
  }

  function written(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment,
    });
  }

  async function ask(form) {
    const given = form.dataset.options
      ? JSON.parse(form.dataset.options)
      : (await (await fetch(form.dataset.ask, { headers: { Accept: "application/json" } })).json()).request_options;
    const options = read(given.publicKey);
    if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey: options });
    options.authenticatorSelection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    return navigator.credentials.create({ publicKey: options });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[data-said]");
      said.textContent = "";
      try {
        form.elements.credential.value = written(await ask(form));
      } catch (error) {
        said.textContent = error.name === "InvalidStateError"
          ? "This device holds a passkey of yours already."
          : "No passkey was used. Try again, or choose another way.";
        return;
      }
      form.submit();
    });
  }
})();
