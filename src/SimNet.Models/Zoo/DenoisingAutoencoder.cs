namespace SimNet.Models;

/// <summary>
/// AutoSimNet's denoising autoencoder (its Table I): three convolutions down to 32 maps of an eighth of the size, three
/// transposed ones back up. Each of the encoder's
/// first two stages is convolution, ReLU, pooling and batch norm, the third goes without the norm; 47,105 parameters at 64x64 grey.
/// </summary>
public static class DenoisingAutoencoder
{
    /// <summary>Name of the network in files and on the command line.</summary>
    public const string NetworkName = "dae";

    /// <summary>Name of the layer whose output is the embedding: 32 x 8 x 8 for a 64x64 picture.</summary>
    public const string EmbeddingLayer = "encoder.pool3";

    /// <summary>The network for pictures of this size.</summary>
    /// <param name="size">Height and width; a multiple of 8, 64 by default as in the paper.</param>
    /// <param name="channels">Channels of the picture; 1 (grey) by default as in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not a positive multiple of 8, or there is no channel.</exception>
    public static Network Create(int size = 64, int channels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (size < 8 || size % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "The autoencoder halves its input three times; expected a positive multiple of 8.");
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
