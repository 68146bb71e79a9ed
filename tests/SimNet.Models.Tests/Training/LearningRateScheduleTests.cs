namespace SimNet.Models.Tests;

public class LearningRateScheduleTests
{
    [Fact]
    public void Constant_schedule_is_constant()
    {
        Assert.All(new[] { 0, 0.5, 10 }, done => Assert.Equal(0.1f, new ConstantSchedule().At(0.1f, done, 10)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.99, 1)]
    [InlineData(2, 0.5)]
    [InlineData(3.5, 0.5)]
    [InlineData(4, 0.25)]
    [InlineData(9.9, 0.0625)]
    public void Step_schedule_decays_at_its_epochs(double done, float expected)
    {
        Assert.Equal(expected, new StepSchedule { EveryEpochs = 2, Factor = 0.5f }.At(1, done, 10));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0.25)]
    [InlineData(2, 1)]
    [InlineData(4, 0.775)] // A quarter of the way down: 0.1 + 0.9 (1 + cos 60°) / 2.
    [InlineData(5, 0.55)]
    [InlineData(8, 0.1)]
    public void Cosine_schedule_follows_its_formula(double done, float expected)
    {
        Assert.Equal(expected, new CosineSchedule { WarmUpEpochs = 2, FinalFraction = 0.1f }.At(1, done, 8), 1e-6f);
    }

    [Fact]
    public void Cosine_schedule_stays_in_range_with_one_peak()
    {
        var schedule = new CosineSchedule { WarmUpEpochs = 1.5, FinalFraction = 0.2f };
        float[] rates = [.. Enumerable.Range(0, 1001).Select(i => schedule.At(0.3f, i / 100.0, 10))];

        Assert.All(rates, rate => Assert.InRange(rate, 0, 0.3f));
        Assert.Equal(rates[..151].Order(), rates[..151]);
        Assert.Equal(rates[150..].OrderDescending(), rates[150..]);
        Assert.Equal(0.3f, rates[150]);
        Assert.Equal(0.06f, rates[1000], 1e-7f);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    public void A_warm_up_as_long_as_the_run_stays_finite(double warmUp)
    {
        Assert.InRange(new CosineSchedule { WarmUpEpochs = warmUp }.At(1, 10, 10), 0, 1);
    }

    [Fact]
    public void Settings_out_of_range_throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSchedule { EveryEpochs = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSchedule { Factor = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSchedule { Factor = 1.1f });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule { WarmUpEpochs = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule { WarmUpEpochs = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule { FinalFraction = 1.5f });
    }
}
