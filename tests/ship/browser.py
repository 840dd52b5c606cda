# SPDX-License-Identifier: GPL-3.0-or-later
"""People with a browser: Debian's chromium without a window, steered by its driver."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
PASSWORD = "a long enough password"


class Person:
    """Somebody with an account."""

    def __init__(self, driver: webdriver.Chrome, site: str, name: str) -> None:
        self._driver, self._site = driver, site
        self.goes(f"{site}/register")
        self._fills({"name": name, "email": f"{name}@example.org", "password": PASSWORD})
        self._until("return document.querySelector('nav form') !== null", "to be signed in")

    @property
    def place(self) -> str:
        """The page that is open."""
        return str(self._driver.current_url).partition("#")[0]

    def goes(self, url: str) -> None:
        self._driver.get(url)

    def writes(self, title: str, text: str) -> None:
        self.goes(f"{self._site}/posts/new")
        self._fills({"title": title, "body": text})
        self._until("return document.querySelector('article.post') !== null", "the post")

    def comments(self, text: str) -> None:
        self._fills({"body": text})
        self._until(f"return document.getElementById('comment-list')?.innerText.includes({text!r})", "the comment")

    def sees(self, comments: Sequence[str]) -> None:
        """Each of them, once, in this order."""
        shown = "return [...document.querySelectorAll('.comment .prose')].map((one) => one.innerText.trim())"
        WebDriverWait(self._driver, PATIENCE, 0.1).until(
            lambda driver: driver.execute_script(shown) == list(comments),
            f"{self._driver.execute_script(shown)} instead of {comments}",
        )

    def remembers(self) -> None:
        """Something that is gone once the page is loaded anew."""
        self._driver.execute_script("window.remembered = true")

    def has_not_loaded_anew(self) -> bool:
        return self._driver.execute_script("return window.remembered === true") is True

    def _fills(self, fields: dict[str, str]) -> None:
        """Send the form; `_until` waits for the page that answers it."""
        self._driver.execute_script("window.sent = true")
        for name, text in fields.items():
            self._driver.find_element(By.CSS_SELECTOR, f"main [name={name}]").send_keys(text)
        self._driver.find_element(By.CSS_SELECTOR, "main form button.button").click()

    def _until(self, script: str, what: str) -> None:
        # a click may return before the browser leaves the page, where a comment may appear by itself meanwhile
        arrived = "if (window.sent || document.readyState !== 'complete') return false;"
        try:
            WebDriverWait(self._driver, PATIENCE, 0.1).until(lambda driver: driver.execute_script(arrived + script))
        except TimeoutException:
            shown = self._driver.execute_script("return document.documentElement.outerHTML")
            raise AssertionError(f"{what} did not come; {self._driver.current_url} shows:\n{shown}") from None


class Browsers(contextlib.ExitStack):
    """`with Browsers(folder) as made:` - each person has one of his own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def who_joins(self, site: str, name: str) -> Person:
        options = webdriver.ChromeOptions()
        options.binary_location = _program("chromium")
        for argument in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self._folder / name}"):
            options.add_argument(argument)
        driver = webdriver.Chrome(options, webdriver.ChromeService(_program("chromedriver")))
        self.callback(driver.quit)
        return Person(driver, site, f"{name}-{secrets.token_hex(3)}")  # a host that was kept knows the others


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not installed here. Type: tools/chromium"
    return found
