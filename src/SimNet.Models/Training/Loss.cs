namespace SimNet.Models;

/// <summary>The loss function to minimize. Holds only its settings; back ends compute it.</summary>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>The mean squared error, such as for reconstructing images.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredError();

    /// <summary>The binary cross-entropy, for outputs in [0, 1].</summary>
    public static Loss BinaryCrossEntropy { get; } = new BinaryCrossEntropy();

    /// <summary>The softmax cross-entropy without label smoothing and class weights, for classifiers.</summary>
    public static Loss CrossEntropy { get; } = new CrossEntropy();
}
