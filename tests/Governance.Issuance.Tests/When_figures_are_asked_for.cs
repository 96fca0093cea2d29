using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_figures_are_asked_for : IssuanceFixture
{
    [Test]
    public async Task Should_show_attempts_failing_holdings_and_the_oldest_removal()
    {
        // Instruments live as long as the process: an id of our own tells ours from other tests'.
        var target = TargetDatabase.Unique("orders-db");
        var seen = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name.StartsWith("governance.issuance.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.Start();

        AddTarget(target, Orders.ConnectionString);
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync(target);
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        await Lifecycle.AnswerAsync(1);
        await Eventually.Until(() => Task.FromResult(seen.GetValueOrDefault("governance.issuance.attempts:observed")), Is.EqualTo(1.0));

        // As after a restore from an old backup: the fence is ahead until an operator clears it.
        await Orders.ExecuteAsync("update governance.holdings set revision = 100");
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        await Lifecycle.FailureAsync(2, code: "refused");
        await Eventually.Until(
            () =>
            {
                listener.RecordObservableInstruments();
                return Task.FromResult(seen.GetValueOrDefault("governance.issuance.holdings.failing"));
            },
            Is.EqualTo(1.0)
        );
        Assert.That(seen["governance.issuance.removal.oldest"], Is.GreaterThan(0));
        Assert.That(seen["governance.issuance.attempts:refused"], Is.GreaterThan(0));

        await Orders.ExecuteAsync("delete from governance.holdings");
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        await Eventually.Until(
            () =>
            {
                listener.RecordObservableInstruments();
                return Task.FromResult(seen["governance.issuance.holdings.failing"] + seen["governance.issuance.removal.oldest"]);
            },
            Is.Zero
        );

        void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value, StringComparer.Ordinal);
            if (labels.GetValueOrDefault("target") == target)
            {
                var name = labels.TryGetValue("outcome", out var outcome) ? instrument.Name + ":" + outcome : instrument.Name;
                seen.AddOrUpdate(name, value, (_, before) => outcome is null ? value : before + value);
            }
        }
    }
}
