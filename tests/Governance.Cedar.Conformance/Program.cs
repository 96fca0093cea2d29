using System.Diagnostics;
using Governance.Cedar;
using Governance.Cedar.Conformance;

// Scores the engine host on test files in the format of the public cedar-integration-tests: every *.json below DIR that has requests.
if (args is not [var root] || !Directory.Exists(root))
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Governance.Cedar.Conformance -- DIR");
    return 2;
}

using var engine = CedarEngine.Create();
var clock = Stopwatch.StartNew();
var total = 0;
var different = 0;
var projected = 0;
var unreadable = 0;
var files = Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();

Parallel.ForEach(
    files,
    path =>
    {
        try
        {
            if (CorpusFile.Read(root, path) is { } file)
            {
                Score(file);
            }
        }
        catch (Exception failure) when (failure is IOException or System.Text.Json.JsonException or KeyNotFoundException)
        {
            Interlocked.Increment(ref unreadable);
            Console.WriteLine($"{path}: {failure.Message}");
        }
    }
);

Console.WriteLine(
    $"Cedar {engine.EngineVersion} (language {engine.LanguageVersion}): {total - different} of {total} requests exact on decision, reasons and errors, "
        + $"{projected} of them also with no more than the policies look at; "
        + $"{unreadable} files unreadable; {clock.Elapsed.TotalSeconds:F1} s, {engine.InstancesCreated} instances."
);
return total > 0 && different == 0 && unreadable == 0 ? 0 : 1;

void Score(CorpusFile file)
{
    for (var i = 0; i < file.Requests.Count; i++)
    {
        var request = file.Requests[i];
        Interlocked.Increment(ref total);
        if (Difference(file, request) is { } difference)
        {
            Interlocked.Increment(ref different);
            Console.WriteLine($"{file.Name} request {i}: {difference}");
        }
    }
}

string? Difference(CorpusFile file, CorpusRequest request)
{
    try
    {
        var question = new CedarRequest(request.Principal, request.Action, request.Resource, request.Context, file.Entities)
        {
            Validate = request.Validate,
        };
        if (engine.AuthorizeProjected(file.Policies, question) is { } answer)
        {
            Interlocked.Increment(ref projected);
            return request.Difference(answer) ?? request.Difference(engine.AuthorizeWhole(file.Policies, question));
        }

        return request.Difference(engine.Authorize(file.Policies, question));
    }
    catch (CedarEngineException failure)
    {
        return failure.Message;
    }
}
