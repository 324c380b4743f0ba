package io.github.javasampler.schema;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/// Another's opinion of whether a text satisfies a schema, formats included.
final class IndependentValidator {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final Schema schema;

    IndependentValidator(String schema) {
        this.schema = REGISTRY.getSchema(schema, InputFormat.JSON);
    }

    List<Error> complaints(String json) {
        return schema.validate(json, InputFormat.JSON, context ->
                context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }
}
