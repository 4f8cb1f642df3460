// Demo only: one tap fills the log-in form.
"use strict";
document.querySelectorAll(".demo-login").forEach((button) => button.addEventListener("click", () => {
  const form = document.getElementById("login-form");
  form.elements.login.value = button.dataset.phone;
  form.elements.password.value = document.getElementById("demo-password").textContent;
  form.querySelector("[type=submit]").focus();
  form.scrollIntoView();
}));
