#include "scanner/formats/pickle/pickle_compat.h"

/* SPEC: CPython 3.11, Lib/_compat_pickle.py: 55 modules (no name) and 88 names. Sorted. */
static const struct row {
    const char *module, *name, *to_module, *to_name;
} rows[] = {
    {"BaseHTTPServer", "", "http.server", ""},
    {"CGIHTTPServer", "", "http.server", ""},
    {"ConfigParser", "", "configparser", ""},
    {"Cookie", "", "http.cookies", ""},
    {"Dialog", "", "tkinter.dialog", ""},
    {"DocXMLRPCServer", "", "xmlrpc.server", ""},
    {"FileDialog", "", "tkinter.filedialog", ""},
    {"HTMLParser", "", "html.parser", ""},
    {"Queue", "", "queue", ""},
    {"ScrolledText", "", "tkinter.scrolledtext", ""},
    {"SimpleDialog", "", "tkinter.simpledialog", ""},
    {"SimpleHTTPServer", "", "http.server", ""},
    {"SimpleXMLRPCServer", "", "xmlrpc.server", ""},
    {"SocketServer", "", "socketserver", ""},
    {"StringIO", "", "io", ""},
    {"Tix", "", "tkinter.tix", ""},
    {"Tkconstants", "", "tkinter.constants", ""},
    {"Tkdnd", "", "tkinter.dnd", ""},
    {"Tkinter", "", "tkinter", ""},
    {"UserDict", "", "collections", ""},
    {"UserDict", "IterableUserDict", "collections", "UserDict"},
    {"UserDict", "UserDict", "collections", "UserDict"},
    {"UserList", "", "collections", ""},
    {"UserList", "UserList", "collections", "UserList"},
    {"UserString", "", "collections", ""},
    {"UserString", "UserString", "collections", "UserString"},
    {"__builtin__", "", "builtins", ""},
    {"__builtin__", "basestring", "builtins", "str"},
    {"__builtin__", "intern", "sys", "intern"},
    {"__builtin__", "long", "builtins", "int"},
    {"__builtin__", "reduce", "functools", "reduce"},
    {"__builtin__", "unichr", "builtins", "chr"},
    {"__builtin__", "unicode", "builtins", "str"},
    {"__builtin__", "xrange", "builtins", "range"},
    {"_abcoll", "", "collections.abc", ""},
    {"_elementtree", "", "xml.etree.ElementTree", ""},
    {"_multiprocessing", "Connection", "multiprocessing.connection", "Connection"},
    {"_socket", "fromfd", "socket", "fromfd"},
    {"_winreg", "", "winreg", ""},
    {"anydbm", "", "dbm", ""},
    {"cPickle", "", "pickle", ""},
    {"cStringIO", "", "io", ""},
    {"commands", "", "subprocess", ""},
    {"cookielib", "", "http.cookiejar", ""},
    {"copy_reg", "", "copyreg", ""},
    {"dbhash", "", "dbm.bsd", ""},
    {"dbm", "", "dbm.ndbm", ""},
    {"dumbdbm", "", "dbm.dumb", ""},
    {"dummy_thread", "", "_dummy_thread", ""},
    {"exceptions", "ArithmeticError", "builtins", "ArithmeticError"},
    {"exceptions", "AssertionError", "builtins", "AssertionError"},
    {"exceptions", "AttributeError", "builtins", "AttributeError"},
    {"exceptions", "BaseException", "builtins", "BaseException"},
    {"exceptions", "BufferError", "builtins", "BufferError"},
    {"exceptions", "BytesWarning", "builtins", "BytesWarning"},
    {"exceptions", "DeprecationWarning", "builtins", "DeprecationWarning"},
    {"exceptions", "EOFError", "builtins", "EOFError"},
    {"exceptions", "EnvironmentError", "builtins", "EnvironmentError"},
    {"exceptions", "Exception", "builtins", "Exception"},
    {"exceptions", "FloatingPointError", "builtins", "FloatingPointError"},
    {"exceptions", "FutureWarning", "builtins", "FutureWarning"},
    {"exceptions", "GeneratorExit", "builtins", "GeneratorExit"},
    {"exceptions", "IOError", "builtins", "IOError"},
    {"exceptions", "ImportError", "builtins", "ImportError"},
    {"exceptions", "ImportWarning", "builtins", "ImportWarning"},
    {"exceptions", "IndentationError", "builtins", "IndentationError"},
    {"exceptions", "IndexError", "builtins", "IndexError"},
    {"exceptions", "KeyError", "builtins", "KeyError"},
    {"exceptions", "KeyboardInterrupt", "builtins", "KeyboardInterrupt"},
    {"exceptions", "LookupError", "builtins", "LookupError"},
    {"exceptions", "MemoryError", "builtins", "MemoryError"},
    {"exceptions", "NameError", "builtins", "NameError"},
    {"exceptions", "NotImplementedError", "builtins", "NotImplementedError"},
    {"exceptions", "OSError", "builtins", "OSError"},
    {"exceptions", "OverflowError", "builtins", "OverflowError"},
    {"exceptions", "PendingDeprecationWarning", "builtins", "PendingDeprecationWarning"},
    {"exceptions", "ReferenceError", "builtins", "ReferenceError"},
    {"exceptions", "RuntimeError", "builtins", "RuntimeError"},
    {"exceptions", "RuntimeWarning", "builtins", "RuntimeWarning"},
    {"exceptions", "StandardError", "builtins", "Exception"},
    {"exceptions", "StopIteration", "builtins", "StopIteration"},
    {"exceptions", "SyntaxError", "builtins", "SyntaxError"},
    {"exceptions", "SyntaxWarning", "builtins", "SyntaxWarning"},
    {"exceptions", "SystemError", "builtins", "SystemError"},
    {"exceptions", "SystemExit", "builtins", "SystemExit"},
    {"exceptions", "TabError", "builtins", "TabError"},
    {"exceptions", "TypeError", "builtins", "TypeError"},
    {"exceptions", "UnboundLocalError", "builtins", "UnboundLocalError"},
    {"exceptions", "UnicodeDecodeError", "builtins", "UnicodeDecodeError"},
    {"exceptions", "UnicodeEncodeError", "builtins", "UnicodeEncodeError"},
    {"exceptions", "UnicodeError", "builtins", "UnicodeError"},
    {"exceptions", "UnicodeTranslateError", "builtins", "UnicodeTranslateError"},
    {"exceptions", "UnicodeWarning", "builtins", "UnicodeWarning"},
    {"exceptions", "UserWarning", "builtins", "UserWarning"},
    {"exceptions", "ValueError", "builtins", "ValueError"},
    {"exceptions", "Warning", "builtins", "Warning"},
    {"exceptions", "ZeroDivisionError", "builtins", "ZeroDivisionError"},
    {"gdbm", "", "dbm.gnu", ""},
    {"htmlentitydefs", "", "html.entities", ""},
    {"httplib", "", "http.client", ""},
    {"itertools", "ifilter", "builtins", "filter"},
    {"itertools", "ifilterfalse", "itertools", "filterfalse"},
    {"itertools", "imap", "builtins", "map"},
    {"itertools", "izip", "builtins", "zip"},
    {"itertools", "izip_longest", "itertools", "zip_longest"},
    {"markupbase", "", "_markupbase", ""},
    {"multiprocessing", "AuthenticationError", "multiprocessing.context", "AuthenticationError"},
    {"multiprocessing", "BufferTooShort", "multiprocessing.context", "BufferTooShort"},
    {"multiprocessing", "ProcessError", "multiprocessing.context", "ProcessError"},
    {"multiprocessing", "TimeoutError", "multiprocessing.context", "TimeoutError"},
    {"multiprocessing.forking", "Popen", "multiprocessing.popen_fork", "Popen"},
    {"multiprocessing.process", "Process", "multiprocessing.context", "Process"},
    {"repr", "", "reprlib", ""},
    {"robotparser", "", "urllib.robotparser", ""},
    {"socket", "_socketobject", "socket", "SocketType"},
    {"test.test_support", "", "test.support", ""},
    {"thread", "", "_thread", ""},
    {"tkColorChooser", "", "tkinter.colorchooser", ""},
    {"tkCommonDialog", "", "tkinter.commondialog", ""},
    {"tkFileDialog", "", "tkinter.filedialog", ""},
    {"tkFont", "", "tkinter.font", ""},
    {"tkMessageBox", "", "tkinter.messagebox", ""},
    {"tkSimpleDialog", "", "tkinter.simpledialog", ""},
    {"ttk", "", "tkinter.ttk", ""},
    {"urllib", "ContentTooShortError", "urllib.error", "ContentTooShortError"},
    {"urllib", "getproxies", "urllib.request", "getproxies"},
    {"urllib", "pathname2url", "urllib.request", "pathname2url"},
    {"urllib", "quote", "urllib.parse", "quote"},
    {"urllib", "quote_plus", "urllib.parse", "quote_plus"},
    {"urllib", "unquote", "urllib.parse", "unquote"},
    {"urllib", "unquote_plus", "urllib.parse", "unquote_plus"},
    {"urllib", "url2pathname", "urllib.request", "url2pathname"},
    {"urllib", "urlcleanup", "urllib.request", "urlcleanup"},
    {"urllib", "urlencode", "urllib.parse", "urlencode"},
    {"urllib", "urlopen", "urllib.request", "urlopen"},
    {"urllib", "urlretrieve", "urllib.request", "urlretrieve"},
    {"urllib2", "", "urllib.request", ""},
    {"urllib2", "HTTPError", "urllib.error", "HTTPError"},
    {"urllib2", "URLError", "urllib.error", "URLError"},
    {"urlparse", "", "urllib.parse", ""},
    {"whichdb", "", "dbm", ""},
    {"whichdb", "whichdb", "dbm", "whichdb"},
    {"xmlrpclib", "", "xmlrpc.client", ""},
};

static const struct row *find(struct slice module, struct slice name)
{
    size_t low = 0, high = ARRAY_LEN(rows);

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        int c = slice_cmp(slice_str(rows[mid].module), module);

        if (c == 0)
            c = slice_cmp(slice_str(rows[mid].name), name);
        if (c == 0)
            return &rows[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

bool pickle_compat_map(struct slice *module, struct slice *name)
{
    const struct row *r = name->len > 0 ? find(*module, *name) : NULL;

    if (r != NULL) {
        *module = slice_str(r->to_module);
        *name = slice_str(r->to_name);
        return true;
    }
    r = find(*module, SLICE_LIT(""));
    if (r == NULL)
        return false;
    *module = slice_str(r->to_module);
    return true;
}
