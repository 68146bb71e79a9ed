namespace SimNet.Models;

/// <summary>What training minimises. Settings only.</summary>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>The mean squared error of every value; for networks that draw.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredError();

    /// <summary>The binary cross-entropy of every value; for outputs in 0 to 1.</summary>
    public static Loss BinaryCrossEntropy { get; } = new BinaryCrossEntropy();

    /// <summary>The softmax cross-entropy of each sample, without smoothing and weights; for networks that tell classes apart.</summary>
    public static Loss CrossEntropy { get; } = new CrossEntropy();
}
