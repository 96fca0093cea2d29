using Governance.Testing;
using MassTransit;

namespace Governance.Issuance.Tests;

public sealed class When_the_process_dies : IssuanceFixture
{
    private const int Killed = 137;

    [TestCase("issuance.holding.before-commit")]
    [TestCase("issuance.holding.after-commit")]
    [TestCase("issuance.attempt.before-apply")]
    [TestCase("issuance.attempt.after-apply")]
    [TestCase("issuance.attempt.after-read-back")]
    [TestCase("issuance.answer.before-publish")]
    [TestCase("issuance.answer.after-publish")]
    public async Task Should_finish_in_the_next_process(string point)
    {
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:01");
        var marker = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TargetDatabase.Unique("crash")}.marker");
        var binding = await Orders.CreateBindingAsync();
        try
        {
            await using (var first = ServiceProcess.Start(Settings, point, marker))
            {
                // The queue is made by the first process: until then nothing takes the command.
                await Eventually.Until(
                    async () =>
                    {
                        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
                        return true;
                    },
                    TimeSpan.FromSeconds(30),
                    () => first.Output
                );
                Assert.That(await first.ExitAsync(), Is.EqualTo(Killed), first.Output);
            }

            Assert.That(marker, Does.Exist);
            await using var second = ServiceProcess.Start(Settings, point, marker);
            Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
            Assert.That(await Orders.IsMemberAsync(binding), Is.True);

            await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
            Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
            Assert.That(await Orders.IsMemberAsync(binding), Is.False);
            await Eventually.Until(
                () => ReadAsync<bool>("select answer_due is null and next_attempt is null from issuance.holdings"),
                Is.True
            );
        }
        finally
        {
            File.Delete(marker);
        }
    }

    [Test]
    public async Task Should_say_the_same_with_the_same_id_when_it_died_after_publishing()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        var marker = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{TargetDatabase.Unique("crash")}.marker");
        var binding = await Orders.CreateBindingAsync();
        try
        {
            await using (var first = ServiceProcess.Start(Settings, "issuance.answer.after-publish", marker))
            {
                await Eventually.Until(
                    async () =>
                    {
                        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
                        return true;
                    },
                    TimeSpan.FromSeconds(30)
                );
                await first.ExitAsync();
            }

            await using var second = ServiceProcess.Start(Settings, "issuance.answer.after-publish", marker);
            await Lifecycle.AnswerAsync(1, nth: 2);
            Assert.That(Lifecycle.MessageIds.Distinct().Count(), Is.EqualTo(1));
            Assert.That(Lifecycle.Observed().Select(o => o.ObservedAt).Distinct().Count(), Is.EqualTo(1));
        }
        finally
        {
            File.Delete(marker);
        }
    }
}
