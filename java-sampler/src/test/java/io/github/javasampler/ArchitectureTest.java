package io.github.javasampler;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The laws of the design that can be read off the code.
class ArchitectureTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.github.javasampler");

    /// Hosts of package registries and paths of somebody's machine; split up, so that this file does not match itself.
    private static final Pattern SLIP = Pattern.compile(String.join("|",
            "repo[.]maven" + "[.]", "registry[.]npm" + "js", "py" + "pi[.]org", "deb[.]deb" + "ian",
            "(^|[^A-Za-z0-9_.-])/wo" + "rk/"));

    @Test
    void theCoreIsPure() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("io.github.javasampler.llama..")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .check(CORE);
        classes().should().onlyDependOnClassesThat(
                resideInAnyPackage("io.github.javasampler..", "java..", "jdk.incubator.vector..")).check(CORE);
    }

    @Test
    void kernelsAndRandomKnowNothingAbove() {
        noClasses().that(resideInAnyPackage("..kernel", "..random")).should()
                .dependOnClassesThat(resideInAPackage("io.github.javasampler..")
                        .and(not(resideInAnyPackage("..kernel", "..random")))).check(CORE);
    }

    @Test
    void theTokenPathUsesNeitherStreamsNorMathExp() {
        noClasses().that(resideInAnyPackage("..kernel", "..random", "..sampler")).should()
                .dependOnClassesThat().resideInAPackage("java.util.stream..").check(CORE);
        noClasses().should().callMethod(Math.class, "exp", double.class)
                .orShould().callMethod(Math.class, "log", double.class).check(CORE);
    }

    @Test
    void samplersAreSmallFinalClasses() {
        classes().that().resideInAPackage("..sampler").should().haveModifier(JavaModifier.FINAL)
                .orShould().haveModifier(JavaModifier.ABSTRACT).check(CORE);
    }

    @Test
    void sourcesAreAsciiWithoutLongLinesHostsOrMachinePaths() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        assertThat(root.resolve("pom.xml")).exists();
        List<String> findings = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).filter(ArchitectureTest::isOurs).toList()) {
                check(root.relativize(file), Files.readAllLines(file), findings);
            }
        }
        assertThat(findings).isEmpty();
    }

    private static boolean isOurs(Path file) {
        String path = file.toString();
        return !path.matches(".*/(target|node_modules|[.]git|[.]cache)/.*") && !path.contains("/javasampler/llama/abi/")
                && path.matches(".*[.](java|xml|md|json|c|h|txt|yaml|sh)"
                        + "|.*/(Dockerfile|run|sampler|base-image|regenerate)");
    }

    private static void check(Path file, List<String> lines, List<String> findings) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String place = file + ":" + (i + 1) + " ";
            if (SLIP.matcher(line).find()) {
                findings.add(place + "names a registry host or a machine's path: " + line);
            }
            if (file.toString().endsWith(".java") && line.length() > 120) {
                findings.add(place + "is longer than 120 columns");
            }
            if (file.toString().endsWith(".java") && line.chars().anyMatch(c -> c > 126)) {
                findings.add(place + "is not ASCII: " + line);
            }
        }
    }
}
