"""``map_frames``: which file of the repository a frame is in, how that was found, and which frames are the application's own."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.model import Frame, MappedFrame, Raised, StackTrace
from deploywatch.stacktraces.mapping import PathIndex, map_frames

Row = tuple[str | None, str]


def mapped(frames: list[Frame], files: list[str], language: str = "python", **options: Any) -> list[MappedFrame]:
    """Frames are given raising one first, as ``StackTrace.frames`` has them."""
    trace = StackTrace((Raised("E", None, tuple(reversed(frames))),), language)
    answers = map_frames(trace, PathIndex(files), **options)
    assert [answer.index for answer in answers] == list(range(len(frames)))
    assert [answer.frame for answer in answers] == frames
    return list(answers)


def one(frame: Frame | str, files: list[str], language: str = "python", **options: Any) -> Row:
    answer = mapped([frame if isinstance(frame, Frame) else Frame(frame)], files, language, **options)[0]
    return answer.file, answer.mapped_by


SHOP = ["src/shop/cart.py", "src/shop/models.py", "setup.py", "tests/shop/test_cart.py"]


@pytest.mark.parametrize(
    ("path", "files", "expected"),
    [
        ("src/shop/cart.py", SHOP, ("src/shop/cart.py", "exact")),
        ("shop/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("/app/src/shop/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("/var/www/html/src/shop/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("/usr/src/app/shop/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("/home/ana/checkout/src/shop/../shop/./cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("C:\\build\\repo\\src\\shop\\cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("file:///C:/build/src/shop/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("setup.py", SHOP, ("setup.py", "exact")),
        ("/app/setup.py", SHOP, ("setup.py", "suffix")),
        ("/home/ana/projects/here/setup.py", SHOP, ("setup.py", "suffix")),
        ("cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("/app/cart.py", SHOP, ("src/shop/cart.py", "suffix")),
        ("other/cart.py", SHOP, (None, "none")),
        ("/opt/other/lib/cart.py", SHOP, (None, "none")),
        ("flask/setup.py", SHOP, (None, "none")),
        ("<string>", SHOP, (None, "none")),
        ("a/util.py", ["x/a/util.py", "y/a/util.py"], (None, "ambiguous")),
        ("util.py", ["x/util.py", "y/util.py"], (None, "ambiguous")),
        ("util.py", ["x/util.py", "y/util.py", "util.py"], ("util.py", "exact")),
        ("x/a/util.py", ["x/a/util.py", "y/a/util.py"], ("x/a/util.py", "exact")),
        ("/app/y/a/util.py", ["x/a/util.py", "y/a/util.py"], ("y/a/util.py", "suffix")),
        ("/app/x/a.py", [], (None, "none")),
        ("café/naïve.py", ["src/café/naïve.py"], ("src/café/naïve.py", "suffix")),
    ],
)  # fmt: skip
def test_the_longest_unambiguous_suffix(path: str, files: list[str], expected: Row) -> None:
    assert one(path, files) == expected


def test_a_name_that_many_files_share() -> None:
    files = [f"pkg{number}/src/index.js" for number in range(200)]
    assert len(PathIndex(files)) == 200
    assert one("/srv/app/x/index.js", [*files, "app/x/index.js"], "javascript") == ("app/x/index.js", "suffix")
    assert one("/srv/pkg7/src/index.js", files, "javascript") == ("pkg7/src/index.js", "suffix")
    many = mapped([Frame("src/index.js")], files, "javascript")[0]
    assert (many.mapped_by, len(many.candidates)) == ("ambiguous", 20)


def test_what_is_ambiguous_is_listed() -> None:
    answer = mapped([Frame("a/util.py", 3)], ["x/a/util.py", "y/a/util.py", "z/util.py"])[0]
    assert (answer.file, answer.candidates, answer.in_app) == (None, ("x/a/util.py", "y/a/util.py"), False)


MONOREPO = [f"services/{name}/{file}" for name in ("cart", "mail") for file in ("app.py", "main.py", "core/db.py")] + [
    "services/cart/core/tax.py",
    "app.py",
]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/app/core/db.py", "/app/core/tax.py"], ["services/cart/core/db.py", "services/cart/core/tax.py"]),
        (["/app/main.py", "/app/core/tax.py"], ["services/cart/main.py", "services/cart/core/tax.py"]),
        (["/app/main.py", "/app/core/db.py", "/app/core/tax.py"], [f"services/cart/{path}" for path in ("main.py", "core/db.py", "core/tax.py")]),
        (["core/tax.py", "app.py", "core/db.py"], [f"services/cart/{path}" for path in ("core/tax.py", "app.py", "core/db.py")]),
        (["/app/core/db.py", "/app/main.py"], [None, None]),
        (["app.py"], ["app.py"]),
        (["/x/services/mail/core/db.py", "/x/services/cart/app.py"], ["services/mail/core/db.py", "services/cart/app.py"]),
    ],
)  # fmt: skip
def test_the_root_that_other_frames_prove_decides(paths: list[str], expected: list[str | None]) -> None:
    assert [answer.file for answer in mapped([Frame(path) for path in paths], MONOREPO)] == expected


def test_a_container_folder_with_the_name_of_a_package() -> None:
    files = ["main.py", "app/main.py", "app/models.py"]
    answers = mapped([Frame("/app/main.py"), Frame("/app/app/models.py"), Frame("/app/app/main.py")], files)
    assert [answer.file for answer in answers] == ["main.py", "app/models.py", "app/main.py"]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/usr/lib/python3.11/unittest/case.py", "python"),
        ("/usr/local/lib/python3.12/site-packages/flask/app.py", "python"),
        ("C:\\Python311\\Lib\\json\\decoder.py", "python"),
        ("<frozen importlib._bootstrap>", "python"),
        ("/app/node_modules/express/lib/router/index.js", "javascript"),
        ("webpack:///./node_modules/react-dom/index.js", "javascript"),
        ("webpack:///webpack/bootstrap", "javascript"),
        ("node:internal/timers", "javascript"),
        ("internal/modules/cjs/loader.js", "javascript"),
        ("<anonymous>", "javascript"),
        ("[native code]", "javascript"),
        ("/usr/local/go/src/runtime/panic.go", "go"),
        ("/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go", "go"),
        ("/app/vendor/github.com/pkg/errors/errors.go", "go"),
        ("/app/vendor/laravel/framework/src/Illuminate/Routing/Router.php", "php"),
        ("/usr/local/bundle/gems/rack-2.2.8/lib/rack/handler.rb", "ruby"),
        ("/usr/lib/ruby/3.2.0/net/http.rb", "ruby"),
        ("<internal:kernel>", "ruby"),
        ("/rustc/82e1608dfa6e0b5569232559e3d385fea5a93112/library/std/src/panicking.rs", "rust"),
        ("/root/.cargo/registry/src/index.crates.io-6f17/tokio-1.35.1/src/runtime/mod.rs", "rust"),
    ],
)
def test_a_library_frame_never_maps_by_its_ending(path: str, language: str) -> None:
    name = path.replace("\\", "/").rpartition("/")[2]
    decoys = [
        name,
        f"src/{name}",
        f"flask/{name}",
        f"router/{name}",
        "unittest/case.py",
        "json/decoder.py",
        "runtime/mod.rs",
        "net/http.rb",
        "src/panicking.rs",
        "lib/rack/handler.rb",
    ]
    answer = mapped([Frame(path, in_app=True), Frame("/app/own.py")], [*decoys, "own.py"], language)[0]
    assert (answer.file, answer.mapped_by, answer.in_app) == (None, "library", False)


def test_a_committed_package_maps_as_itself_and_stays_foreign() -> None:
    files = ["vendor/github.com/pkg/errors/errors.go", "node_modules/x/index.js", "cart.go", "lib/x/index.js"]
    go = mapped([Frame("/app/vendor/github.com/pkg/errors/errors.go"), Frame("/app/cart.go")], files, "go")
    assert [(answer.file, answer.in_app) for answer in go] == [
        ("vendor/github.com/pkg/errors/errors.go", False),
        ("cart.go", True),
    ]
    assert one("/srv/node_modules/x/index.js", files, "javascript") == ("node_modules/x/index.js", "suffix")
    assert one("/srv/lib/x/index.js", files, "javascript") == ("lib/x/index.js", "suffix")


@pytest.mark.parametrize("sign", ["vendor/modules.txt", "vendor/autoload.php"])
def test_vendored_packages_are_no_answer_to_a_part_of_a_path(sign: str) -> None:
    vendored = "vendor/github.com/x/cart/total.go"
    assert one("/app/cart/total.go", [vendored, sign], "go") == (None, "none")
    assert one("/app/cart/total.go", [vendored], "go") == (vendored, "suffix")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["src/shop/__init__.py", "src/shop/cart.py"], ("src/shop/cart.py", "module")),
        (["shop/__init__.py", "shop/cart.py"], ("shop/cart.py", "module")),
        (["examples/shop/__init__.py", "examples/shop/cart.py"], (None, "library")),
        (["shop/cart.py"], (None, "library")),
    ],
)
def test_the_repositorys_own_package_where_pip_put_it(files: list[str], expected: Row) -> None:
    assert one("/venv/lib/python3.11/site-packages/shop/cart.py", files) == expected


def test_a_librarys_tests_are_not_the_repositorys() -> None:
    assert one("/venv/lib/python3.11/site-packages/tests/util.py", ["tests/__init__.py", "tests/util.py"]) == (None, "library")


def test_the_standard_library_named_without_its_folder() -> None:
    files = ["vendored/unittest/case.py", "src/shop.py"]
    assert one(Frame("unittest/case.py", in_app=False), files) == (None, "library")
    assert one(Frame("unittest/case.py", in_app=True), files) == ("vendored/unittest/case.py", "suffix")
    assert one(Frame("unittest/case.py", in_app=False), ["unittest/case.py"]) == ("unittest/case.py", "exact")


JAVA = [
    "api/src/main/java/com/acme/shop/Cart.java",
    "api/src/main/kotlin/shop/Tax.kt",
    "web/src/main/java/com/acme/web/Cart.java",
]


@pytest.mark.parametrize(
    ("frame", "language", "files", "expected"),
    [
        (Frame("Cart.java", module="com.acme.shop.Cart"), "java", JAVA, (JAVA[0], "module")),
        (Frame("Cart.java", module="com.acme.web.Cart$Item"), "java", JAVA, (JAVA[2], "module")),
        (Frame("Tax.kt", module="com.acme.shop.TaxKt"), "java", JAVA, (JAVA[1], "module")),
        (Frame("Cart.java", module="com.other.Cart"), "java", JAVA, (None, "none")),
        (Frame("ArrayList.java", module="java.util.ArrayList"), "java", ["src/java/util/ArrayList.java"], (None, "library")),
        (Frame("Main.java", module="Main"), "java", ["src/Main.java"], ("src/Main.java", "module")),
        (Frame("cart.go", module="github.com/acme/shop/internal/cart"), "go", ["internal/cart/cart.go", "api/cart.go"], ("internal/cart/cart.go", "module")),
        (Frame("github.com/acme/shop/internal/cart/cart.go"), "go", ["internal/cart/cart.go"], ("internal/cart/cart.go", "suffix")),
        (Frame(None, module="shop.cart"), "python", SHOP, ("src/shop/cart.py", "module")),
        (Frame(None, module="Shop.Services.CartService"), "csharp", ["src/Services/CartService.cs"], ("src/Services/CartService.cs", "module")),
        (Frame("/_/src/Shop/Cart.cs", module="Shop.Cart"), "csharp", ["src/Shop/Cart.cs"], ("src/Shop/Cart.cs", "exact")),
        (Frame(None, module="Elixir.Shop.CartItem"), "elixir", ["lib/shop/cart_item.ex"], ("lib/shop/cart_item.ex", "module")),
    ],
)  # fmt: skip
def test_a_module_tells_the_folder(frame: Frame, language: str, files: list[str], expected: Row) -> None:
    assert one(frame, files, language) == expected


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("webpack:///./src/cart.ts", "src/cart.ts"),
        ("webpack://shop/./src/cart.ts", "src/cart.ts"),
        ("webpack-internal:///./src/cart.ts", "src/cart.ts"),
        ("webpack-internal:///(rsc)/./src/cart.ts", "src/cart.ts"),
        ("webpack:///src/cart.ts?a1b2", "src/cart.ts"),
        ("webpack:///../shared/money.ts", "packages/shared/money.ts"),
        ("turbopack:///[project]/src/cart.ts", "src/cart.ts"),
        ("[project]/src/cart.ts", "src/cart.ts"),
        ("app:///src/cart.ts", "src/cart.ts"),
        ("~/src/cart.ts", "src/cart.ts"),
        ("./src/cart.ts", "src/cart.ts"),
        ("http://localhost:5173/src/cart.ts?t=17", "src/cart.ts"),
        ("file:///app/src/cart.ts", "src/cart.ts"),
        ("/app/packages/web/src/index.ts", "packages/web/src/index.ts"),
    ],
)
def test_what_bundlers_call_a_file(path: str, file: str) -> None:
    files = ["src/cart.ts", "packages/shared/money.ts", "packages/web/src/index.ts", "packages/api/src/index.ts"]
    assert one(path, files, "javascript")[0] == file


@pytest.mark.parametrize(
    ("frame", "options", "expected"),
    [
        (Frame("/app/cart.py"), {"code_roots": [("/app", "src/shop")]}, ("src/shop/cart.py", "code-root")),
        (Frame("/app/cart.py"), {"code_roots": [("/app/", "src/shop/")]}, ("src/shop/cart.py", "code-root")),
        (Frame("cart.py", abs_path="/app/cart.py"), {"code_roots": [("/app", "src/shop")]}, ("src/shop/cart.py", "code-root")),
        (Frame("cart.py"), {"code_roots": [("", "src/shop")]}, ("src/shop/cart.py", "code-root")),
        (Frame("/app2/shop/cart.py"), {"code_roots": [("/app", "src")]}, ("src/shop/cart.py", "suffix")),
        (Frame("/app/x/cart.py"), {"code_roots": [("/app", "a"), ("/app/x", "src/shop")]}, ("src/shop/cart.py", "code-root")),
        (Frame("/app/setup.py"), {"code_roots": [("/app", "missing")]}, ("setup.py", "suffix")),
        (Frame("C:/app/cart.py"), {"code_roots": [("C:\\app", "src\\shop")]}, ("src/shop/cart.py", "code-root")),
        (Frame("shop/cart.py"), {"code_mappings": [("", "src/"), ("shop/", "src/shop/")]}, ("src/shop/cart.py", "code-mapping")),
        (Frame("setup.py"), {"code_mappings": [("", "")]}, ("setup.py", "code-mapping")),
        (Frame("cart.py", abs_path="/app/shop/cart.py"), {"code_mappings": [("/app/", "src/")]}, ("src/shop/cart.py", "code-mapping")),
        (Frame("webpack:///./cart.py"), {"code_mappings": [("webpack:///./", "src/shop/")]}, ("src/shop/cart.py", "code-mapping")),
        (Frame("/app/cart.py"), {"code_roots": [("/app", "src/shop")], "code_mappings": [("/app/", "old/")]}, ("src/shop/cart.py", "code-root")),
        (Frame("/lib/python3/dist-packages/shop/cart.py"), {"code_roots": [("/lib/python3/dist-packages", "src")]}, ("src/shop/cart.py", "code-root")),
    ],
)  # fmt: skip
def test_configured_roots_come_first(frame: Frame, options: dict[str, Any], expected: Row) -> None:
    answer = mapped([frame], [*SHOP, "old/cart.py"], **options)[0]
    assert (answer.file, answer.mapped_by, answer.in_app) == (*expected, True)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([("src/shop/cart.py", None), ("other/x.py", None)], [True, False]),
        ([("src/shop/cart.py", None), ("tests/shop/test_cart.py", None)], [True, False]),
        ([("tests/shop/test_cart.py", None)], [True]),
        ([("src/shop/cart.py", True), ("src/shop/models.py", False)], [True, False]),
        ([("src/shop/cart.py", False), ("src/shop/models.py", False)], [True, True]),
        ([("src/shop/cart.py", False), ("nowhere/else.py", False)], [True, False]),
        ([("generated/x.py", True), ("src/shop/cart.py", False)], [True, False]),
        ([("nowhere/else.py", False)], [False]),
    ],
)
def test_which_frames_are_in_app(frames: list[tuple[str, bool | None]], expected: list[bool]) -> None:
    answers = mapped([Frame(path, in_app=in_app) for path, in_app in frames], SHOP)
    assert [answer.in_app for answer in answers] == expected


def test_a_foreign_frame_does_not_map_by_its_bare_name() -> None:
    answers = mapped([Frame("cart.py", in_app=False), Frame("src/shop/models.py", in_app=True)], SHOP)
    assert answers[0].file is None


PARTS = st.lists(
    st.sampled_from(["app", "src", "shop", "a.py", "b.py", "..", ".", "node_modules", "C:", "é", ""]), max_size=6
).map("/".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(PARTS | st.text(max_size=12), max_size=6),
    st.lists(PARTS, max_size=6),
    st.sampled_from(["python", "javascript", "java", "go", "csharp", "elixir"]),
)
def test_every_answer_is_a_file_of_the_repository_and_ends_alike(paths: list[str], files: list[str], language: str) -> None:
    files = [file for file in files if file and not file.startswith("/") and ".." not in file]
    for answer in mapped([Frame(path, module=path.replace("/", ".")) for path in paths], files, language):
        assert answer.file is None or answer.file in files
        assert (answer.mapped_by in ("none", "ambiguous", "library")) == (answer.file is None)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.sampled_from(["/app/", "/srv/x/", "C:\\build\\", ""]))
def test_a_whole_checkout_maps_back_onto_itself(dice: random.Random, root: str) -> None:
    files = sorted(
        {
            "/".join([*dice.choices(["a", "b", "pkg"], k=dice.randint(0, 3)), dice.choice(["x.py", "y.py", "main.py"])])
            for _ in range(12)
        }
    )
    paths = [root + (file.replace("/", "\\") if "\\" in root else file) for file in files]
    assert [answer.file for answer in mapped([Frame(path) for path in paths], files)] == files
