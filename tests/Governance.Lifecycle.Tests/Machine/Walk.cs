using System.Globalization;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Tests.Running;
using Marten;
using MassTransit;

namespace Governance.Lifecycle.Tests.Machine;

/// <summary>
/// A seeded random walk over one principal's grants: requests, answers right and wrong, late, repeated and out of order, commands from
/// people who may and who may not, deadlines, re-drives, and time that passes.
/// </summary>
internal sealed class Walk(Driver driver, WalkClock clock, Actor actor, int seed)
{
    private static readonly Guid One = new("11111111-1111-4111-8111-111111111111");
    private static readonly Guid Other = new("22222222-2222-4222-8222-222222222222");
    private static readonly string[] Voters = [TestCatalog.Omar, TestCatalog.Lee, TestCatalog.Dana, "svc-reporting"];
    private static readonly RecipientKey Key = Requests.NewKey("walk");
    private readonly Random _random = new(seed);
    private readonly List<Guid> _grants = [];
    private readonly List<Func<Task>> _past = [];

    public IReadOnlyList<Guid> Grants => _grants;

    public HashSet<Transition> Seen { get; } = [];

    public async Task RunAsync(int steps)
    {
        await RequestAsync();
        if (_random.Next(2) == 0)
        {
            await BeGivenAsync(_grants[0]);
        }

        for (var i = 0; i < steps; i++)
        {
            await StepAsync(i);
        }
    }

    /// <summary>From wherever the walk is, everybody does their duty until nothing is left to do.</summary>
    public async Task ComeToRestAsync()
    {
        for (var round = 0; round < 30; round++)
        {
            var busy = false;
            foreach (var id in _grants)
            {
                var grant = await LoadAsync(id);
                if (GrantState.Final.Contains(grant.CurrentState, StringComparer.Ordinal))
                {
                    continue;
                }

                busy = true;
                if (grant.Evaluation is not null)
                {
                    await DeliverAsync(nameof(GrantStateMachine.Evaluated), id, () => AnswerAsync(grant, Outcome.Permit));
                }
                else if (
                    grant.CurrentState is GrantState.Activating or GrantState.Suspending or GrantState.Revoking or GrantState.RevokeFailed
                )
                {
                    await DeliverAsync(nameof(GrantStateMachine.Settled), id, () => ObserveAsync(grant, 0));
                }
                else if (grant.Deadlines.Count > 0)
                {
                    var (kind, deadline) = grant.Deadlines.First();
                    clock.AdvanceTo(deadline.Due);
                    await DeliverAsync(
                        nameof(GrantStateMachine.DeadlineCame),
                        id,
                        () => ReachAsync(id, kind, deadline.Due, deadline.Revision)
                    );
                }
                else
                {
                    clock.Advance(TimeSpan.FromMinutes(1));
                    await DeliverAsync(nameof(GrantStateMachine.Redriven), id, () => RedriveAsync(id, grant.StreamVersion));
                }
            }

            if (!busy)
            {
                return;
            }
        }

        Assert.Fail(
            "it never comes to rest: " + string.Join(", ", await Task.WhenAll(_grants.Select(async g => (await LoadAsync(g)).CurrentState)))
        );
    }

    public async Task<Grant> LoadAsync(Guid id)
    {
        await using var session = driver.Store.QuerySession();
        return (await session.LoadAsync<Grant>(id))!;
    }

    public async Task<PrincipalLedger?> LedgerAsync()
    {
        await using var session = driver.Store.QuerySession();
        return await session.LoadAsync<PrincipalLedger>(NameBasedUuid.ForPrincipal(actor.First));
    }

    /// <summary>Half of the walks begin where access is there: most of what can happen happens then.</summary>
    private async Task BeGivenAsync(Guid id)
    {
        if (await LoadAsync(id) is { Evaluation: not null } asked)
        {
            await DeliverAsync(nameof(GrantStateMachine.Evaluated), id, () => AnswerAsync(asked, Outcome.Permit));
        }

        if (await LoadAsync(id) is { CurrentState: GrantState.Activating } given)
        {
            await DeliverAsync(nameof(GrantStateMachine.Settled), id, () => ObserveAsync(given, 0));
        }
    }

    private async Task StepAsync(int step)
    {
        clock.Advance(TimeSpan.FromSeconds(_random.Next(0, _random.Next(10) == 0 ? 100 : 5)));
        if (_grants.Count < 3 && _random.Next(8) == 0)
        {
            await RequestAsync();
            return;
        }

        var id = _grants[_random.Next(_grants.Count)];
        var grant = await LoadAsync(id);
        if (_past.Count > 0 && _random.Next(6) == 0)
        {
            // Again, and late.
            await _past[_random.Next(_past.Count)]();
            return;
        }

        if (grant.OwesReview && grant.Evaluation is null && _random.Next(4) == 0)
        {
            await ReviewAsync(id, step.ToString(CultureInfo.InvariantCulture), Requests.Person(Voters[_random.Next(Voters.Length)]));
            return;
        }

        if (grant.CurrentState is GrantState.Suspending && _random.Next(2) == 0)
        {
            await (
                _random.Next(4) == 0
                    ? RepeatableAsync(nameof(GrantStateMachine.Faltered), id, await FailureAsync(grant))
                    : RepeatableAsync(nameof(GrantStateMachine.Settled), id, await ObservationAsync(grant, 0))
            );
            return;
        }

        if (grant.Evaluation is { Purpose: DecisionPurpose.Renew } && _random.Next(2) == 0)
        {
            await RepeatableAsync(nameof(GrantStateMachine.Evaluated), id, await AnswerWithSomethingAsync(grant));
            return;
        }

        if (grant.Renewal is { Status: RenewalStatus.AwaitingApproval } && _random.Next(2) == 0)
        {
            await VoteOnRenewalAsync(id, step.ToString(CultureInfo.InvariantCulture));
            return;
        }

        if (grant.CurrentState is GrantState.Active or GrantState.Suspended && grant.Evaluation is null && _random.Next(2) == 0)
        {
            await HoldOnAsync(id, grant, step.ToString(CultureInfo.InvariantCulture));
            return;
        }

        await (
            _random.Next(11) switch
            {
                10 => _random.Next(5) switch
                {
                    0 => RepeatableAsync(nameof(GrantStateMachine.Reconsidered), id, Reconsider(grant)),
                    1 => RepeatableAsync(nameof(GrantStateMachine.Forbidden), id, EndForbidden(grant)),
                    2 => RepeatableAsync(nameof(GrantStateMachine.OrderedAway), id, OrderAway(grant)),
                    _ => RepeatableAsync(nameof(GrantStateMachine.TicketTurned), id, TurnTicket(grant)),
                },
                0 or 1 or 2 when grant.Evaluation is not null => RepeatableAsync(
                    nameof(GrantStateMachine.Evaluated),
                    id,
                    await AnswerWithSomethingAsync(grant)
                ),
                0 or 1 or 2 when grant.HoldingRevision > 0 => RepeatableAsync(
                    nameof(GrantStateMachine.Settled),
                    id,
                    await ObservationAsync(grant, _random.Next(4) == 0 ? -1 : 0)
                ),
                3 when grant.HoldingRevision > 0 => RepeatableAsync(nameof(GrantStateMachine.Faltered), id, await FailureAsync(grant)),
                4 or 5 => RepeatableAsync(nameof(GrantStateMachine.DeadlineCame), id, Deadline(grant)),
                6 => RepeatableAsync(nameof(GrantStateMachine.Redriven), id, Redrive(grant)),
                7 when grant.Evaluation is { } open => RepeatableAsync(nameof(GrantStateMachine.EvaluationFault), id, Fault(id, open)),
                8 when grant.Evaluation is { } => RepeatableAsync(
                    nameof(GrantStateMachine.Evaluated),
                    id,
                    await AnswerWithSomethingAsync(grant)
                ),
                _ => CommandAsync(id, grant, step),
            }
        );
    }

    private async Task RequestAsync()
    {
        var number = _grants.Count;
        var id = NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"walk {seed} {number}");
        var entitlement = _random.Next(4) switch
        {
            0 => TestCatalog.Writer,
            1 => TestCatalog.Session,
            _ => TestCatalog.Readonly,
        };
        var request = Requests.Of(actor, entitlement, id: id) with
        {
            RecipientKey = _random.Next(8) == 0 ? null : Key,
            NotBefore = _random.Next(4) == 0 ? clock.Now().AddMinutes(_random.Next(1, 30)) : null,
            Duration = TimeSpan.FromMinutes(_random.Next(1, 120)),
            Emergency = _random.Next(5) == 0,
            OnBehalfOf = _random.Next(4) == 0 ? [actor.HumanId] : null,
            Approvals = _random.Next(6) switch
            {
                0 =>
                [
                    new RequestedApproval
                    {
                        Approver = TestCatalog.Omar,
                        Approved = true,
                        At = clock.Now(),
                        Assurance = Assurance.Verified,
                    },
                ],
                1 when _random.Next(3) == 0 =>
                [
                    new RequestedApproval
                    {
                        Approver = TestCatalog.Lee,
                        Approved = false,
                        At = clock.Now(),
                        Assurance = Assurance.Verified,
                    },
                ],
                2 =>
                [
                    new RequestedApproval
                    {
                        Approver = TestCatalog.Lee,
                        Approved = false,
                        At = clock.Now(),
                        Assurance = Assurance.Claimed,
                    },
                ],
                _ => [],
            },
        };
        _grants.Add(request.GrantId);
        await driver.RequestAsync(request);
        Seen.Add(new Transition("Initial", nameof(GrantStateMachine.Requested), (await LoadAsync(request.GrantId)).CurrentState));
        _past.Add(() => driver.RequestAsync(request));
    }

    private async Task RepeatableAsync(string name, Guid id, Func<Task>? deliver)
    {
        if (deliver is not null)
        {
            await DeliverAsync(name, id, deliver);
            _past.Add(deliver);
        }
    }

    private async Task DeliverAsync(string name, Guid id, Func<Task> deliver)
    {
        var before = (await LoadAsync(id)).CurrentState;
        await deliver();
        var after = (await LoadAsync(id)).CurrentState;
        if (before != after)
        {
            Seen.Add(new Transition(before, name, after));
        }
    }

    private async Task<Func<Task>> AnswerWithSomethingAsync(Grant grant)
    {
        var outcome = _random.Next(10) switch
        {
            < 5 => Outcome.Permit,
            < 9 => Outcome.ApprovalRequired,
            _ => Outcome.Forbid,
        };
        var obligations = new Obligations
        {
            ReviewWithin = _random.Next(2) == 0 ? TimeSpan.FromMinutes(_random.Next(1, 200)) : null,
            BoundToTicket = _random.Next(2) == 0,
            NotBefore = _random.Next(6) == 0 ? clock.Now().AddMinutes(_random.Next(20)) : null,
        };
        Func<Decision, Decision> wrong = _random.Next(14) switch
        {
            0 => d => d with { Facts = "sha256:other" },
            1 => d => d with { Bundle = "sha256:other" },
            2 => d => d with { Now = d.Now.AddSeconds(-1) },
            3 => d => d with { Purpose = d.Purpose == DecisionPurpose.Retain ? DecisionPurpose.Issue : DecisionPurpose.Retain },
            _ => d => d with { Obligations = obligations },
        };
        var answer = Answers.Of(await QuestionAsync(grant), outcome, wrong);
        if (_random.Next(12) == 0)
        {
            answer = answer with { EvaluationId = Guid.NewGuid() };
        }

        return () => driver.RaiseAsync(grant.Id, driver.Machine.Evaluated, answer);
    }

    private async Task AnswerAsync(Grant grant, Outcome outcome)
    {
        var answer = Answers.Of(await QuestionAsync(grant), outcome);
        await driver.RaiseAsync(grant.Id, driver.Machine.Evaluated, answer);
    }

    private async Task<EvaluateAccess> QuestionAsync(Grant grant)
    {
        await using var session = driver.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(grant.Id);
        return (EvaluateAccess)
            events
                .SelectMany(LifecycleTranslator.Translate)
                .Last(m => m.Body is EvaluateAccess q && q.EvaluationId == grant.Evaluation!.Id)
                .Body;
    }

    private async Task<ReconcileHolding?> CommandOfAsync(Grant grant, int back)
    {
        await using var session = driver.Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(NameBasedUuid.ForPrincipal(grant.Principal));
        var commands = events
            .SelectMany(LifecycleTranslator.Translate)
            .Select(m => m.Body)
            .OfType<ReconcileHolding>()
            .Where(c => c.Entitlement == grant.Entitlement)
            .DistinctBy(c => c.Revision)
            .ToList();
        return commands.Count + back > 0 ? commands[^(1 - back)] : null;
    }

    private async Task<Func<Task>?> ObservationAsync(Grant grant, int back) =>
        await CommandOfAsync(grant, back) is { } command && Answers.Observed(command, ByAClock()) is { } seen
            ? () => driver.ObservedAsync(seen)
            : null;

    // One in three of Issuance's clocks is wrong, by up to two hours either way.
    private DateTimeOffset ByAClock() => clock.Now().AddSeconds(_random.Next(3) == 0 ? _random.Next(-7200, 7201) : 0);

    private async Task ObserveAsync(Grant grant, int back) => await (await ObservationAsync(grant, back))!();

    private async Task<Func<Task>?> FailureAsync(Grant grant) =>
        await CommandOfAsync(grant, _random.Next(4) == 0 ? -1 : 0) is { } command
        && Answers.Failed(command, clock.Now(), _random.Next(1, 9), _random.Next(3) == 0 ? "timeout" : "unreachable") is { } failed
            ? () => driver.FailedAsync(failed)
            : null;

    private Func<Task> Deadline(Grant grant)
    {
        var kind = new[]
        {
            DeadlineKinds.Expiry,
            DeadlineKinds.ApprovalWindow,
            DeadlineKinds.Start,
            DeadlineKinds.Activation,
            DeadlineKinds.Review,
        }[_random.Next(5)];
        if (grant.Deadlines.Count > 0 && _random.Next(4) != 0)
        {
            kind = grant.Deadlines.Keys.Order(StringComparer.Ordinal).ElementAt(_random.Next(grant.Deadlines.Count));
        }

        var current = grant.Deadlines.GetValueOrDefault(kind);
        if (current is not null && _random.Next(4) != 0)
        {
            clock.AdvanceTo(current.Due);
        }

        var revision = _random.Next(4) == 0 ? Math.Max(1, grant.StreamVersion - 1) : current?.Revision ?? grant.StreamVersion;
        return () => ReachAsync(grant.Id, kind, current?.Due ?? clock.Now(), revision);
    }

    private Task ReachAsync(Guid id, string kind, DateTimeOffset due, long revision) =>
        driver.RaiseAsync(
            id,
            driver.Machine.DeadlineCame,
            new DeadlineReached
            {
                GrantId = id,
                Kind = kind,
                Due = due,
                Revision = revision,
            }
        );

    private Func<Task> Redrive(Grant grant)
    {
        clock.Advance(TimeSpan.FromSeconds(_random.Next(120)));
        var version = _random.Next(4) == 0 ? grant.StreamVersion - 1 : grant.StreamVersion;
        return () => RedriveAsync(grant.Id, version);
    }

    private Task RedriveAsync(Guid id, long version) =>
        driver.RaiseAsync(id, driver.Machine.Redriven, new RedriveGrant { GrantId = id, Version = version });

    private Func<Task> Reconsider(Grant grant)
    {
        Guid? sweep = _random.Next(3) switch
        {
            0 => null,
            1 => One,
            _ => Other,
        };
        return () =>
            driver.RaiseAsync(
                grant.Id,
                driver.Machine.Reconsidered,
                new ReconsiderGrant
                {
                    GrantId = grant.Id,
                    Cause = "sweep",
                    Sweep = sweep,
                }
            );
    }

    private Func<Task> EndForbidden(Grant grant)
    {
        var sweep = grant.Retention?.Sweep is { } last && _random.Next(4) != 0 ? last : One;
        return () => driver.RaiseAsync(grant.Id, driver.Machine.Forbidden, new EndForbiddenGrant { GrantId = grant.Id, Sweep = sweep });
    }

    private Func<Task> OrderAway(Grant grant)
    {
        var order = _random.Next(2) == 0 ? One : Other;
        return () =>
            driver.CommandAsync(
                driver.Machine.OrderedAway,
                new EndByOrder
                {
                    GrantId = grant.Id,
                    Actor = Requests.Person(TestCatalog.Lee),
                    Order = order,
                    Reason = "sha256:reason",
                }
            );
    }

    private Func<Task> TurnTicket(Grant grant)
    {
        var turned = new UpdateGrantTicket
        {
            GrantId = grant.Id,
            Ticket = new RequestedTicket
            {
                System = "servicenow",
                Key = _random.Next(8) == 0 ? "another" : "RITM0012345",
                State = "closed",
                Assurance = Assurance.Verified,
            },
            Closed = _random.Next(2) == 0,
            ChangedAt = clock.Now().AddSeconds(-_random.Next(30)),
        };
        return () => driver.RaiseAsync(grant.Id, driver.Machine.TicketTurned, turned);
    }

    private Func<Task> Fault(Guid id, OpenEvaluation open)
    {
        var evaluation = _random.Next(4) == 0 ? Guid.NewGuid() : open.Id;
        return () =>
            driver.RaiseAsync(
                id,
                driver.Machine.EvaluationFault,
                new PolicyFault(
                    new EvaluateAccess
                    {
                        EvaluationId = evaluation,
                        GrantId = id,
                        Now = open.Now,
                        Bundle = open.Bundle,
                        Facts = "",
                        FactsDigest = open.FactsDigest,
                    }
                )
            );
    }

    private async Task ReviewAsync(Guid id, string? key, ActorRef who)
    {
        var review = new ReviewGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
            Revision = await RevisionAsync(id),
            Keep = _random.Next(3) != 0,
            Comment = "looked at",
        };
        await RepeatableAsync(nameof(GrantStateMachine.Review), id, () => driver.CommandAsync(driver.Machine.Review, review));
    }

    /// <summary>What somebody looked at: mostly what there is, sometimes what there was, and sometimes they don't say.</summary>
    private async Task<int?> RevisionAsync(Guid id) =>
        _random.Next(8) is var luck && luck == 0 ? null : (await LoadAsync(id)).Revision - luck / 7;

    private async Task VoteOnRenewalAsync(Guid id, string key)
    {
        var machine = driver.Machine;
        var who = Requests.Person(Voters[_random.Next(Voters.Length)]);
        var approve = new ApproveGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
            Revision = await RevisionAsync(id),
        };
        var reject = new RejectGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
            Revision = approve.Revision,
        };
        await (
            _random.Next(2) == 0
                ? RepeatableAsync(nameof(machine.Approve), id, () => driver.CommandAsync(machine.Approve, approve))
                : RepeatableAsync(nameof(machine.Reject), id, () => driver.CommandAsync(machine.Reject, reject))
        );
    }

    /// <summary>Somebody wants access that is there to last longer, to rest, or back.</summary>
    private async Task HoldOnAsync(Guid id, Grant grant, string key)
    {
        var machine = driver.Machine;
        var who = Requests.Person(_random.Next(2) == 0 ? actor.HumanId : Voters[_random.Next(Voters.Length)]);
        if (_random.Next(3) != 0 && grant.ExpiresAt is { } end && grant.CurrentState == GrantState.Active)
        {
            clock.AdvanceTo(end - (end - clock.Now()) / _random.Next(2, 4));
        }

        var renew = new RenewGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
            Duration = _random.Next(2) == 0 ? TimeSpan.FromMinutes(_random.Next(1, 300)) : null,
            Justification = "not done yet",
        };
        var suspend = new SuspendGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
            Comment = "odd traffic",
        };
        var resume = new ResumeGrant
        {
            GrantId = id,
            Actor = who,
            Key = key,
        };
        var rotate = new RotateCredential
        {
            GrantId = id,
            Actor = who,
            Key = key,
            RecipientKey = _random.Next(2) == 0 ? Key : null,
        };
        var handOut = new HandOutCredential
        {
            GrantId = id,
            Actor = who,
            Number = grant.CredentialNumber - _random.Next(4) / 3,
        };
        if (grant.CredentialNumber > 0 && _random.Next(3) == 0)
        {
            await (
                _random.Next(2) == 0
                    ? RepeatableAsync(nameof(machine.Rotate), id, () => driver.CommandAsync(machine.Rotate, rotate))
                    : RepeatableAsync(nameof(machine.HandOut), id, () => driver.CommandAsync(machine.HandOut, handOut))
            );
            return;
        }

        await (
            (grant.CurrentState, _random.Next(6)) switch
            {
                (GrantState.Active, 0 or 1) => RepeatableAsync(
                    nameof(machine.Suspend),
                    id,
                    () => driver.CommandAsync(machine.Suspend, suspend)
                ),
                (GrantState.Active, 2) => RepeatableAsync(nameof(machine.Resume), id, () => driver.CommandAsync(machine.Resume, resume)),
                (GrantState.Active, _) => RepeatableAsync(nameof(machine.Renew), id, () => driver.CommandAsync(machine.Renew, renew)),
                (_, 0) => RepeatableAsync(nameof(machine.Suspend), id, () => driver.CommandAsync(machine.Suspend, suspend)),
                (_, 1) => RepeatableAsync(nameof(machine.Renew), id, () => driver.CommandAsync(machine.Renew, renew)),
                _ => RepeatableAsync(nameof(machine.Resume), id, () => driver.CommandAsync(machine.Resume, resume)),
            }
        );
    }

    private async Task CommandAsync(Guid id, Grant grant, int step)
    {
        var key = _random.Next(2) == 0 ? step.ToString(CultureInfo.InvariantCulture) : null;
        var who = Requests.Person(_random.Next(3) == 0 ? actor.HumanId : Voters[_random.Next(Voters.Length)]);
        var machine = driver.Machine;
        int? minutes = _random.Next(3) == 0 ? _random.Next(1, 150) : null;
        var revision = await RevisionAsync(id);
        await (
            _random.Next(12) switch
            {
                10 => RepeatableAsync(
                    nameof(machine.Edit),
                    id,
                    () =>
                        driver.CommandAsync(
                            machine.Edit,
                            new EditGrant
                            {
                                GrantId = id,
                                Actor = Requests.Person(_random.Next(4) == 0 ? TestCatalog.Lee : actor.HumanId),
                                Key = key,
                                Revision = revision,
                                Duration = TimeSpan.FromMinutes(_random.Next(1, 200)),
                                Justification = "otherwise",
                            }
                        )
                ),
                11 => ReviewAsync(id, key, who),
                < 5 => RepeatableAsync(
                    nameof(machine.Approve),
                    id,
                    () =>
                        driver.CommandAsync(
                            machine.Approve,
                            new ApproveGrant
                            {
                                GrantId = id,
                                Actor = who,
                                Key = key,
                                Revision = revision,
                                Duration = minutes is { } m ? TimeSpan.FromMinutes(m) : null,
                                Comment = "fine",
                            }
                        )
                ),
                5 => RepeatableAsync(
                    nameof(machine.Reject),
                    id,
                    () =>
                        driver.CommandAsync(
                            machine.Reject,
                            new RejectGrant
                            {
                                GrantId = id,
                                Actor = who,
                                Key = key,
                                Revision = revision,
                                Comment = "no",
                            }
                        )
                ),
                6 => RepeatableAsync(
                    nameof(machine.Withdraw),
                    id,
                    () =>
                        driver.CommandAsync(
                            machine.Withdraw,
                            new WithdrawGrant
                            {
                                GrantId = id,
                                Actor = who,
                                Key = key,
                            }
                        )
                ),
                7 => RepeatableAsync(
                    nameof(machine.Revoke),
                    id,
                    () =>
                        driver.CommandAsync(
                            machine.Revoke,
                            new RevokeGrant
                            {
                                GrantId = id,
                                Actor = who,
                                Key = key,
                                Comment = "enough",
                            }
                        )
                ),
                _ => RepeatableAsync(nameof(machine.DeadlineCame), id, Deadline(grant)),
            }
        );
    }
}

/// <summary>A clock that only moves when the walk moves it.</summary>
internal sealed class WalkClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;

    public void AdvanceTo(DateTimeOffset time) => _now = time > _now ? time : _now;
}

/// <summary>What the bus publishes when Policy throws.</summary>
internal sealed record PolicyFault(EvaluateAccess Message) : Fault<EvaluateAccess>
{
    public Guid FaultId { get; } = Guid.NewGuid();

    public Guid? FaultedMessageId => null;

    public DateTime Timestamp { get; } = DateTime.UnixEpoch;

    public ExceptionInfo[] Exceptions { get; init; } = [];

    public HostInfo Host => null!;

    public string[] FaultMessageTypes => [];
}
