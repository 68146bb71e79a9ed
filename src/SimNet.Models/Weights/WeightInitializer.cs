namespace SimNet.Models;

/// <summary>
/// The distribution of the initial weights of convolutions. With each of them, biases start at 0, and batch norm starts with scale 1,
/// shift 0, mean 0, and variance 1.
/// </summary>
public enum WeightInitializer
{
    /// <summary>
    /// Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio, 2010), the default of Keras and therefore of AutoSimNet. Fan in is
    /// the number of input channels times the kernel area and fan out that of output channels, also for transposed convolutions.
    /// </summary>
    GlorotUniform,

    /// <summary>
    /// Normal with mean 0 and variance 2 / fan in (He et al., 2015), for networks with ReLU activations. Fan in is the number of input
    /// channels times the kernel area.
    /// </summary>
    HeNormal,
}
