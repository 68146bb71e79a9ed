namespace SimNet.Models;

/// <summary>
/// The denoising autoencoder of AutoSimNet (table I of the paper). Three convolutions reduce the image to 32 feature maps of an eighth of
/// its size; three transposed convolutions reconstruct it. The first two encoder stages consist of convolution, ReLU, max pooling, and
/// batch norm; the third has no batch norm. It has 47,105 parameters for one input channel.
/// </summary>
public static class DenoisingAutoencoder
{
    /// <summary>The name of the network.</summary>
    public const string NetworkName = "dae";

    /// <summary>The name of the layer whose output is the embedding: 32 x 8 x 8 (C x H x W) for a 64x64 image.</summary>
    public const string EmbeddingLayer = "encoder.pool3";

    /// <summary>Creates the network.</summary>
    /// <param name="size">The height and width of the image in pixels; a multiple of 8; 64 by default, as in the paper.</param>
    /// <param name="channels">The number of channels of the image; 1 (grayscale) by default, as in the paper.</param>
    /// <returns>The network, which outputs an image of the size of its input.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="size"/> is not a positive multiple of 8, or <paramref name="channels"/> is less than 1.
    /// </exception>
    public static Network Create(int size = 64, int channels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (size < 8 || size % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(size), size, "The autoencoder halves its input three times; expected a positive multiple of 8.");
        }

        return new Network(NetworkName, new Shape(channels, size, size),
        [
            new Conv2d("encoder.conv1", 32, 3) { Padding = 1 },
            new Relu("encoder.relu1"),
            new MaxPool2d("encoder.pool1", 2),
            new BatchNorm2d("encoder.norm1"),
            new Conv2d("encoder.conv2", 32, 3) { Padding = 1 },
            new Relu("encoder.relu2"),
            new MaxPool2d("encoder.pool2", 2),
            new BatchNorm2d("encoder.norm2"),
            new Conv2d("encoder.conv3", 32, 3) { Padding = 1 },
            new Relu("encoder.relu3"),
            new MaxPool2d(EmbeddingLayer, 2),
            new ConvTranspose2d("decoder.conv1", 32, 3) { Stride = 2, Padding = 1, OutputPadding = 1 },
            new Relu("decoder.relu1"),
            new ConvTranspose2d("decoder.conv2", 32, 3) { Stride = 2, Padding = 1, OutputPadding = 1 },
            new Relu("decoder.relu2"),
            new ConvTranspose2d("decoder.conv3", 32, 3) { Stride = 2, Padding = 1, OutputPadding = 1 },
            new Relu("decoder.relu3"),
            new Conv2d("decoder.output", channels, 3) { Padding = 1 },
            new Sigmoid("decoder.sigmoid"),
        ]);
    }
}
