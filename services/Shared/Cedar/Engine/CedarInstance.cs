using System.Text;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Governance.Cedar;

/// <summary>
/// One instance of the engine with its own memory, for one call at a time. Every value crosses as JSON text: a WebAssembly externref is
/// simply the .NET string that holds it, so no number is ever read into a double on this side.
/// </summary>
internal sealed class CedarInstance : IDisposable
{
    private const string ImportModule = "./cedar_wasm_bg.js";
    private const int CallsBetweenCollections = 256;
    private const int MaximumLoadedNames = 32;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Store _store;
    private readonly Instance _instance;
    private readonly Memory _memory;
    private readonly Func<int, int, int> _malloc;
    private readonly Dictionary<string, Func<object?, object?>> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<int, int, object?, object?>> _namedFunctions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _slots = new(StringComparer.Ordinal);
    private int _calls;

    public CedarInstance(Engine engine, Module module, long maximumMemory)
    {
        _store = new Store(engine);
        try
        {
            _store.SetLimits(memorySize: maximumMemory);
            using var linker = new Linker(engine);
            foreach (var import in module.Imports)
            {
                Define(linker, import.ModuleName, import.Name);
            }

            _instance = linker.Instantiate(_store, module);
            _memory = _instance.GetMemory("memory") ?? throw Missing("memory");
            _malloc = _instance.GetFunction("__wbindgen_malloc")?.WrapFunc<int, int, int>() ?? throw Missing("__wbindgen_malloc");
            var start = _instance.GetAction("__wbindgen_start") ?? throw Missing("__wbindgen_start");
            start();
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of linear memory in use; it never shrinks.</summary>
    public long MemoryLength => _memory.GetLength();

    /// <summary>True after a trap, and when more policy sets were loaded than are worth keeping.</summary>
    public bool IsSpent { get; private set; }

    public string Call(string function, object argument) => Guard(() => Function(function)(argument));

    /// <summary>For the functions that take a text as it is, not as JSON.</summary>
    public string CallWithText(string function, string text) =>
        Guard(() =>
        {
            var call = _instance.GetFunction(function)?.WrapFunc<int, int, object?>() ?? throw Missing(function);
            var (pointer, length) = Write(text);
            return call(pointer, length);
        });

    /// <summary>Loads what a later call refers to by name, once per instance.</summary>
    public string? Load(string function, string name, Func<string> argument) => Load(function, slot: null, name, argument);

    /// <summary>The same, into a place where it takes the place of what was loaded there before.</summary>
    public string? Load(string function, string? slot, string name, Func<string> argument)
    {
        if (slot is null ? _loaded.Contains(name) : string.Equals(_slots.GetValueOrDefault(slot), name, StringComparison.Ordinal))
        {
            return null;
        }

        var answer = Guard(() =>
        {
            var (pointer, length) = Write(slot ?? name);
            return NamedFunction(function)(pointer, length, argument());
        });
        if (slot is null && _loaded.Count >= MaximumLoadedNames)
        {
            IsSpent = true;
        }

        return answer;
    }

    /// <summary>Remembers that a name was accepted.</summary>
    public void MarkLoaded(string name) => _loaded.Add(name);

    /// <summary>The same for a place.</summary>
    public void MarkLoaded(string? slot, string name)
    {
        if (slot is null)
        {
            _loaded.Add(name);
        }
        else
        {
            _slots[slot] = name;
        }
    }

    public string Version(string function) =>
        Guard(() =>
        {
            var call = _instance.GetFunction(function)?.WrapFunc<ValueTuple<int, int>>() ?? throw Missing(function);
            var (pointer, length) = call();
            return Read(pointer, length);
        });

    public void Dispose() => _store.Dispose();

    private string Guard(Func<object?> call)
    {
        try
        {
            if (++_calls % CallsBetweenCollections == 0)
            {
                _store.GC();
            }

            return call() as string ?? throw new CedarEngineException("The Cedar engine answered nothing.");
        }
        catch (WasmtimeException failure) when (failure.InnerException is CallRefusedException refused)
        {
            IsSpent = true;
            throw new CallRefusedException(refused.Message, failure);
        }
        catch (Exception failure)
        {
            IsSpent = true;
            throw failure as CedarEngineException ?? new CedarEngineException($"The Cedar engine failed: {failure.Message}", failure);
        }
    }

    private Func<object?, object?> Function(string name)
    {
        if (!_functions.TryGetValue(name, out var function))
        {
            function = _instance.GetFunction(name)?.WrapFunc<object?, object?>() ?? throw Missing(name);
            _functions.Add(name, function);
        }

        return function;
    }

    private Func<int, int, object?, object?> NamedFunction(string name)
    {
        if (!_namedFunctions.TryGetValue(name, out var function))
        {
            function = _instance.GetFunction(name)?.WrapFunc<int, int, object?, object?>() ?? throw Missing(name);
            _namedFunctions.Add(name, function);
        }

        return function;
    }

    // The names end in a hash that changes with every release of the engine, so they are matched by the part before it.
    private void Define(Linker linker, string module, string name)
    {
        if (!string.Equals(module, ImportModule, StringComparison.Ordinal))
        {
            throw new CedarEngineException($"The Cedar engine imports {module}/{name}, which this host does not know.");
        }

        if (name.StartsWith("__wbg_parse_", StringComparison.Ordinal))
        {
            linker.DefineFunction<int, int, object?>(module, name, (pointer, length) => Read(pointer, length));
        }
        else if (name.StartsWith("__wbg_stringify_", StringComparison.Ordinal))
        {
            linker.DefineFunction<object?, object?>(module, name, value => value);
        }
        else if (name.StartsWith("__wbg___wbindgen_string_get_", StringComparison.Ordinal))
        {
            linker.DefineFunction<int, object?>(module, name, GetString);
        }
        else if (name.StartsWith("__wbg___wbindgen_is_undefined_", StringComparison.Ordinal))
        {
            linker.DefineFunction<object?, int>(module, name, value => value is null ? 1 : 0);
        }
        else if (name.StartsWith("__wbg___wbindgen_throw_", StringComparison.Ordinal))
        {
            linker.DefineFunction<int, int>(module, name, (pointer, length) => throw new CallRefusedException(Read(pointer, length)));
        }
        else if (string.Equals(name, "__wbindgen_init_externref_table", StringComparison.Ordinal))
        {
            linker.DefineFunction(module, name, InitialiseReferences);
        }
        else
        {
            throw new CedarEngineException($"The Cedar engine imports {name}, which this host does not know.");
        }
    }

    private void GetString(int result, object? value)
    {
        var (pointer, length) = value switch
        {
            string text => Write(text),
            Utf8Text text => Write(text.Text.Span),
            _ => (0, 0),
        };
        _memory.WriteInt32((uint)result, pointer);
        _memory.WriteInt32((uint)result + 4, length);
    }

    private void InitialiseReferences()
    {
        var table = _instance.GetTable("__wbindgen_externrefs") ?? throw Missing("__wbindgen_externrefs");
        var first = (uint)table.Grow(4, null);
        table.SetElement(first + 1, "null");
        table.SetElement(first + 2, "true");
        table.SetElement(first + 3, "false");
    }

    // Ownership of what is written goes to the engine, which frees it.
    private (int Pointer, int Length) Write(string text)
    {
        var length = StrictUtf8.GetByteCount(text);
        var pointer = _malloc(length, 1);
        StrictUtf8.GetBytes(text, _memory.GetSpan((uint)pointer, length));
        return (pointer, length);
    }

    private (int Pointer, int Length) Write(ReadOnlySpan<byte> text)
    {
        var pointer = _malloc(text.Length, 1);
        text.CopyTo(_memory.GetSpan((uint)pointer, text.Length));
        return (pointer, text.Length);
    }

    private string Read(int pointer, int length) => StrictUtf8.GetString(_memory.GetSpan((uint)pointer, length));

    private static CedarEngineException Missing(string name) =>
        new($"The Cedar engine has no {name}: it is another version than this host was made for.");
}
