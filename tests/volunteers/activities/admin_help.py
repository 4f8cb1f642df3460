"""What the tests of admin share."""

import re

LIST = "/admin/volunteers/activity/"


def fields_of(page):
    """What the change form would send unchanged: every input, select and textarea."""
    body = page.content.decode()
    form = body.split('id="content-main"')[1]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if not name or (kind and kind[1] in ("file", "submit")):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        if kind and kind[1] == "checkbox" and "checked" not in tag:
            continue
        found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[0] if chosen else ""
        if not found[name]:
            del found[name]
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = text.strip("\r\n")
    return found


def change(client, url, **fields):
    """Open a change form, fill some fields in, save."""
    return client.post(url, fields_of(client.get(url)) | fields)


def on(activity):
    return f"{LIST}{activity.pk}/change/"


def at(session):
    return f"/admin/volunteers/activitysession/{session.pk}/change/"


# --- verbs ----------------------------------------------------------------------------------


def do(client, activity, verb, **fields):
    return client.post(f"{LIST}{activity.pk}/do/{verb}/", fields)
